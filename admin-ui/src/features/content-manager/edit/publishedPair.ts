import { type HistoryEntry, listHistory, type Subject } from '@/api/editorial';

/** History entries in one request. */
const PAGE_SIZE = 100;

/** So many requests look for the version that readers see: of 1,000 saves since, nobody reads a comparison. */
const MAX_PAGES = 10;

/**
 * The version of a document that readers see, and its newest one, from its history; null if the history does not have the
 * published one any more.
 *
 * A save that publishes at once, as over the API, counts like a publication by itself: the entry's status decides, not its action.
 */
export async function findPublishedPair(
  subject: Subject,
  signal?: AbortSignal,
): Promise<{ from: HistoryEntry; to: HistoryEntry } | null> {
  let newest: HistoryEntry | undefined;
  let before: number | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await listHistory(subject, before ?? undefined, signal, PAGE_SIZE);
    newest ??= answer.entries[0];
    const published = answer.entries.find((entry) => entry.status === 'published');
    if (published && newest) return { from: published, to: newest };
    before = answer.before;
    if (before === null) return null;
  }
  return null;
}
