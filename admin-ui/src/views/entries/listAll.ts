import { type DocumentState, type Entry, listEntries, type Query } from '@/api/content';
import type { ContentType } from '@/api/model';

/** Entries that one answer holds. */
const PAGE_SIZE = 100;

/** Answers that are asked for: more than five hundred entries at once are nothing that anybody can look through. */
const MAX_PAGES = 5;

/** The most entries that are listed at once. */
export const MAX_LISTED = PAGE_SIZE * MAX_PAGES;

/** The first entries that a query finds, up to a bound; `total` says how many there are. */
export async function listAll(
  type: ContentType,
  query: Query,
  signal: AbortSignal,
  limit = MAX_LISTED,
): Promise<{ all: Entry[]; total: number; states: Record<string, DocumentState> }> {
  const all: Entry[] = [];
  const states: Record<string, DocumentState> = {};
  let total = 0;
  const pageSize = Math.min(limit, PAGE_SIZE);
  for (let page = 1; page <= Math.min(Math.ceil(limit / pageSize), MAX_PAGES); page += 1) {
    const list = await listEntries(type, { ...query, pagination: { page, pageSize } }, signal);
    all.push(...list.entries);
    Object.assign(states, list.states);
    total = list.total;
    if (all.length >= total) break;
  }
  return { all, total, states };
}
