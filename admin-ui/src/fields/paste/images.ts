import type { ImageSource } from './document';

const EXTENSIONS: Record<string, string> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/avif': 'avif',
};

/** The file of a picture; nothing where its bytes are none. It is named by what it shows, as far as that is known. */
export function fileOf(source: ImageSource, alt: string): File | null {
  if (source.kind === 'file') return source.file;
  if (source.kind !== 'data') return null;
  const match = /^data:(image\/[a-z]+)((?:;[^,;]*)*),/i.exec(source.url);
  if (!match) return null;
  const type = (match[1] ?? '').toLowerCase().replace('image/jpg', 'image/jpeg');
  const extension = EXTENSIONS[type];
  if (!extension) return null;
  const body = source.url.slice(match[0].length);
  const bytes = /;base64/i.test(match[2] ?? '') ? fromBase64(body) : new TextEncoder().encode(safeDecode(body));
  if (!bytes || bytes.length === 0) return null;
  const name = alt
    .replaceAll(/[^\p{L}\p{N} _-]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 60)
    .trim();
  return new File([bytes], `${name || 'image'}.${extension}`, { type });
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const binary = atob(safeDecode(text).replaceAll(/\s+/g, ''));
    const bytes = new Uint8Array(binary.length);
    for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
    return bytes;
  } catch {
    return null;
  }
}

function safeDecode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
