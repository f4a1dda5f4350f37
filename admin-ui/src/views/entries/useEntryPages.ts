import { type InfiniteData, useInfiniteQuery, type UseInfiniteQueryResult } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type EntryList, listEntries, type Query } from '@/api/content';
import type { ContentType } from '@/api/model';
import { entriesKey, type EntryRow } from './useEntryRows';

interface EntryPages {
  pages: UseInfiniteQueryResult<InfiniteData<EntryList>>;
  /** Those of all pages that were read. */
  rows: readonly EntryRow[];
}

/** The rows that a query of the content API answers, one page after the other; `view` is what shows them. */
export function useEntryPages(type: ContentType, view: string, query: Query, pageSize: number): EntryPages {
  const pages = useInfiniteQuery({
    queryKey: [...entriesKey(type.uid), view, query],
    queryFn: ({ pageParam, signal }) =>
      listEntries(type, { ...query, pagination: { page: pageParam, pageSize } }, signal),
    initialPageParam: 1,
    getNextPageParam: (last, all) => (all.length * pageSize < last.total ? all.length + 1 : undefined),
  });
  const rows = useMemo(
    () =>
      (pages.data?.pages ?? []).flatMap((page) =>
        page.entries.map(
          (entry): EntryRow => ({
            entry,
            state: page.states[entry.documentId],
            review: page.reviews[entry.documentId],
          }),
        ),
      ),
    [pages.data],
  );
  return { pages, rows };
}
