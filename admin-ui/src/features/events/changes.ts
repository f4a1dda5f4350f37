import type { Difference } from '@/api/audit';

/** A change in a line: where, what was there, and what is. */
export interface Change {
  /** `seo.title`, `sections.2.text`. */
  at: string;
  before: unknown;
  after: unknown;
}

type Links = Difference['added'];

const names = (links: Links): string | undefined =>
  links && links.length > 0 ? links.map(({ title, documentId }) => title ?? documentId).join(', ') : undefined;

/** What was saved, in lines: of links what went and came, of components each attribute inside. */
export function changesOf(differences: readonly Difference[], inside = ''): Change[] {
  return differences.flatMap((one): Change[] => {
    const at = `${inside}${one.attribute}`;
    if (one.fields) return changesOf(one.fields, `${at}.`);
    if (one.items) {
      return one.items.flatMap((item): Change[] => {
        const place = `${at}.${(item.to ?? item.from ?? 0) + 1}`;
        if (item.fields) return changesOf(item.fields, `${place}.`);
        if (item.change === 'moved') return [{ at, before: (item.from ?? 0) + 1, after: (item.to ?? 0) + 1 }];
        return [{ at: place, before: item.before, after: item.after }];
      });
    }
    if (one.added || one.removed) return [{ at, before: names(one.removed), after: names(one.added) }];
    return [{ at, before: one.before, after: one.after }];
  });
}
