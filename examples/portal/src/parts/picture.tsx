import type { CairnFile } from '../cairn/types.ts';

const WIDTHS = [320, 640, 960, 1280, 1920];

/** A picture of Cairn in the size that fits. `address`: its address on this site for a width. */
export function Picture({
  file,
  alt,
  sizes,
  address,
  isFirst = false,
}: {
  file: Pick<CairnFile, 'width' | 'height'>;
  alt: string;
  sizes: string;
  address: (width?: number) => string;
  /** True for the one that is seen first: the others wait until somebody scrolls to them. */
  isFirst?: boolean;
}) {
  const widths = WIDTHS.filter((width) => !file.width || width < file.width);
  const source = address(widths.findLast((width) => width <= 960));
  return (
    <img
      src={source}
      srcSet={widths.length > 1 ? widths.map((width) => `${address(width)} ${width}w`).join(', ') : undefined}
      sizes={widths.length > 1 ? sizes : undefined}
      alt={alt}
      width={file.width ?? undefined}
      height={file.height ?? undefined}
      loading={isFirst ? undefined : 'lazy'}
      fetchPriority={isFirst ? 'high' : undefined}
    />
  );
}
