import type { EntryList } from '@/api/content';

/** The ids of the pages of a list that have come. */
export function pagesOf(
  answers: readonly (readonly [key: readonly unknown[], list: EntryList | undefined])[],
): Record<number, string[]> {
  const pages: Record<number, string[]> = {};
  for (const [key, list] of answers) {
    const page = key.at(-1);
    if (typeof page === 'number' && list) pages[page] = list.entries.map(({ documentId }) => documentId);
  }
  return pages;
}
