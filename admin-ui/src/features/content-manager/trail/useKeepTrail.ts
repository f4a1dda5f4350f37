import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { EntryList, Query } from '@/api/content';
import { useSession } from '@/api/session';
import { ENTRIES_PER_PAGE, type EntryRows, entriesKey } from '@/views/entries/useEntryRows';
import type { ListSearch } from '../addresses';
import { keepTrail, storeTrail } from './keep';
import { pagesOf } from './pagesOf';

/** Keeps what a list shows, so that the pages of its entries lead back to it and on to its next one. */
export function useKeepTrail(uid: string, search: ListSearch, query: Query, rows: EntryRows): void {
  const queries = useQueryClient();
  const { me } = useSession();
  const { total, at, isPending, isStale } = rows;
  useEffect(() => {
    if (isPending || isStale) return;
    const pages = pagesOf(queries.getQueriesData<EntryList>({ queryKey: [...entriesKey(uid), query] }));
    keepTrail(me.id, uid, { search, query, total, pageSize: ENTRIES_PER_PAGE, pages });
    // `at` is not called but changes as pages come.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [queries, me.id, uid, search, query, total, at, isPending, isStale]);
  useEffect(() => () => storeTrail(me.id, uid), [me.id, uid]);
}
