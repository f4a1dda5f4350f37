import type { PaletteItem } from './items';

/** Results shown of each look-up, and of each kind of which there are many. */
export const MAX_RESULTS = 8;

/** The items that fit, the best first; of a kind of which there are many only the best few. */
export function rankItems(
  query: string,
  items: readonly PaletteItem[],
  score: (query: string, title: string, keywords?: string) => number,
): PaletteItem[] {
  const shown = new Map<string, number>();
  return items
    .map((item) => ({ item, points: score(query, item.title, item.keywords) }))
    .filter(({ points }) => points > 0)
    .toSorted((a, b) => b.points - a.points)
    .map(({ item }) => item)
    .filter(({ kind }) => {
      if (kind === undefined) return true;
      const count = (shown.get(kind) ?? 0) + 1;
      shown.set(kind, count);
      return count <= MAX_RESULTS;
    });
}
