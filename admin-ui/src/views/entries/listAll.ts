import { type DocumentState, type Entry, listEntries, type Query } from '@/api/content';
import type { ContentType } from '@/api/model';

/** Entries that one answer holds. */
const PAGE_SIZE = 100;

/** Answers that are asked for: more than five hundred entries at once are nothing that anybody can look through. */
const MAX_PAGES = 5;

/** The entries that a query finds, up to a bound; `total` says how many there are. */
export async function listAll(
  type: ContentType,
  query: Query,
  signal: AbortSignal,
): Promise<{ all: Entry[]; total: number; states: Record<string, DocumentState> }> {
  const all: Entry[] = [];
  const states: Record<string, DocumentState> = {};
  let total = 0;
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const list = await listEntries(type, { ...query, pagination: { page, pageSize: PAGE_SIZE } }, signal);
    all.push(...list.entries);
    Object.assign(states, list.states);
    total = list.total;
    if (all.length >= total) break;
  }
  return { all, total, states };
}
