import type { Difference } from '@/api/audit';

/** A change in a line: where, what was there, and what is. */
export interface ChangeLine {
  /** `seo.title`, `sections.2.text`. */
  at: string;
  before: unknown;
  after: unknown;
}

type Links = Difference['added'];

const linkNames = (links: Links): string | undefined =>
  links && links.length > 0 ? links.map(({ title, documentId }) => title ?? documentId).join(', ') : undefined;

/** What was saved, in lines: of links what went and came, of components each attribute inside. */
export function toChangeLines(differences: readonly Difference[], inside = ''): ChangeLine[] {
  return differences.flatMap((one): ChangeLine[] => {
    const at = `${inside}${one.attribute}`;
    if (one.fields) return toChangeLines(one.fields, `${at}.`);
    if (one.items) {
      return one.items.flatMap((item): ChangeLine[] => {
        const path = `${at}.${(item.to ?? item.from ?? 0) + 1}`;
        if (item.fields) return toChangeLines(item.fields, `${path}.`);
        if (item.change === 'moved') return [{ at, before: (item.from ?? 0) + 1, after: (item.to ?? 0) + 1 }];
        return [{ at: path, before: item.before, after: item.after }];
      });
    }
    if (one.added || one.removed) return [{ at, before: linkNames(one.removed), after: linkNames(one.added) }];
    return [{ at, before: one.before, after: one.after }];
  });
}
