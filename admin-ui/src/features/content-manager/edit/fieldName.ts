import { labelOf } from '@/fields/label';

/** A path as people read it: `sections.2.link` is `Sections › 3 › Link`. */
export function fieldName(path: string): string {
  return path
    .split('.')
    .map((part) => (/^\d+$/.test(part) ? String(Number(part) + 1) : labelOf(part)))
    .join(' › ');
}
