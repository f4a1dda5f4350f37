import { listEntries } from '@/api/content';
import type { ContentType } from '@/api/model';
import { readListSearch } from '../addresses';
import { keptTrail, storedTrail, type Trail } from './keep';

/** The ids around an entry, without a gap. */
export interface Stretch {
  ids: readonly string[];
  /** Which of them the entry is. */
  at: number;
  /** The number of the entry in the whole list, from 1. */
  number: number;
  firstPage: number;
  lastPage: number;
}

/** The list of a type as somebody left it last in this tab; nothing where they have not seen one. */
export function loadTrail(userId: number, uid: string): Trail | undefined {
  return keptTrail(userId, uid) ?? parseTrail(storedTrail(userId, uid));
}

function parseTrail(stored: string | null): Trail | undefined {
  try {
    const { search, query, total, pageSize, pages } = JSON.parse(stored ?? '') as Trail;
    const isWhole =
      typeof total === 'number' &&
      typeof pageSize === 'number' &&
      Object.values(pages).every((ids) => ids.every((id) => typeof id === 'string'));
    return isWhole ? { search: readListSearch({ ...search }), query: { ...query }, total, pageSize, pages } : undefined;
  } catch {
    return undefined;
  }
}

/** The ids around an entry; nothing where the list did not have it. */
export function stretchAround(trail: Trail, documentId: string): Stretch | undefined {
  const page = Object.keys(trail.pages)
    .map(Number)
    .find((number) => trail.pages[number]?.includes(documentId));
  if (page === undefined) return undefined;
  let [firstPage, lastPage] = [page, page];
  while (trail.pages[firstPage - 1]) firstPage -= 1;
  while (trail.pages[lastPage + 1]) lastPage += 1;
  const ids: string[] = [];
  for (let number = firstPage; number <= lastPage; number += 1) ids.push(...(trail.pages[number] ?? []));
  const at = ids.indexOf(documentId);
  return { ids, at, number: firstPage * trail.pageSize + at + 1, firstPage, lastPage };
}

/** Whether the list may go on past the end of a stretch, or before its beginning. */
export function goesOn(trail: Trail, { firstPage, lastPage }: Stretch, step: 1 | -1): boolean {
  return step === 1 ? (lastPage + 1) * trail.pageSize < trail.total : firstPage > 0;
}

/**
 * The trail with the page after a stretch, or before it. What was changed meanwhile may have moved entries over the border of two pages: the
 * last page is read again first, and only what is not known is taken.
 */
export async function extendTrail(
  type: ContentType,
  trail: Trail,
  stretch: Stretch,
  step: 1 | -1,
  signal?: AbortSignal,
): Promise<Trail> {
  const known = new Set(Object.values(trail.pages).flat());
  const edge = step === 1 ? stretch.lastPage : stretch.firstPage;
  const { populate: _populate, ...query } = trail.query;
  for (const page of [edge, edge + step]) {
    const pagination = { page: page + 1, pageSize: trail.pageSize, withCount: false };
    // The border moves with each page: one after the other.
    // oxlint-disable-next-line no-await-in-loop
    const { entries } = await listEntries(type, { ...query, fields: ['documentId'], pagination }, signal);
    const added = entries.map(({ documentId }) => documentId).filter((id) => !known.has(id));
    if (added.length > 0) return { ...trail, pages: { ...trail.pages, [edge + step]: added } };
  }
  // There is nothing more, whatever the list said.
  return step === 1
    ? { ...trail, total: stretch.firstPage * trail.pageSize + stretch.ids.length }
    : { ...trail, pages: { ...trail.pages, [edge - 1]: [] } };
}
