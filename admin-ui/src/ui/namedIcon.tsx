import { type ComponentProps, useEffect, useState } from 'react';
import type { Icon } from './icon';

let outlines: Readonly<Record<string, string>> | undefined;
const made = new Map<string, Icon>();

/**
 * The icon of that name of `typeIcons.ts`, which is loaded when the first one is drawn. Until then, and where there is none of that name,
 * it is `plain`.
 */
export function iconNamed(name: string | undefined, plain: Icon): Icon {
  if (!name) return plain;
  const key = `${name} ${plain.displayName}`;
  const known = made.get(key);
  if (known) return known;
  const Plain = plain;
  function NamedIcon({ size = 24, stroke = 2, ...props }: ComponentProps<Icon>) {
    const [all, setAll] = useState(outlines);
    useEffect(() => {
      if (!all)
        void import('./typeIcons').then(
          (icons) => setAll((outlines = icons.TYPE_ICONS)),
          () => undefined,
        );
    }, [all]);
    const outline = all && Object.hasOwn(all, name ?? '') ? all[name ?? ''] : undefined;
    if (!outline) return <Plain size={size} stroke={stroke} {...props} />;
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth={stroke}
        strokeLinecap="round"
        strokeLinejoin="round"
        {...props}
      >
        <path d={outline} />
      </svg>
    );
  }
  made.set(key, NamedIcon);
  return NamedIcon;
}
