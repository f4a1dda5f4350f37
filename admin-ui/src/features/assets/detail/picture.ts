/** A picture in another size or format. */
export interface Picture {
  w?: number;
  h?: number;
  format?: string;
  q?: number;
}

/** Widths that anybody may ask for, in any format; other pictures are signed. */
const LISTED = [320, 480, 640, 768, 960, 1280, 1600, 1920, 2560, 3840];

/** The part of the address behind `?`. With both sides it fills them, around the focal point. */
export function pictureQuery({ w, h, format, q }: Picture): string {
  const parts = [w && `w=${w}`, h && `h=${h}`, w && h && 'fit=cover', format && `format=${format}`, q && `q=${q}`];
  return parts.filter(Boolean).join('&');
}

/** Whether anybody may ask for it without a signature. */
export function isListed({ w, h, q }: Picture): boolean {
  return w !== undefined && LISTED.includes(w) && h === undefined && q === undefined;
}
