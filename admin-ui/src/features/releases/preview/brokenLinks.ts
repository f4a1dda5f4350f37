import type { ReleasePreview } from '@/api/releases';

/** An entry that an item links to, and that readers do not see as it is linked. */
export type MissingEntry = ReleasePreview['suggestions'][number];

/** What the items of a release link to and readers would not find, by the number of the item. */
export function missingByItem(suggestions: readonly MissingEntry[]): Map<number, MissingEntry[]> {
  const byItem = new Map<number, MissingEntry[]>();
  for (const missing of suggestions) {
    const { item } = missing.linkedBy;
    byItem.set(item, [...(byItem.get(item) ?? []), missing]);
  }
  return byItem;
}

/** How many items could not be published, and how many links would lead nowhere. */
export function countFindings({ items, suggestions }: Pick<ReleasePreview, 'items' | 'suggestions'>): {
  invalid: number;
  broken: number;
} {
  return {
    invalid: items.filter(({ problems }) => problems.length > 0).length,
    broken: suggestions.filter(({ state }) => state === 'unpublished').length,
  };
}
