import {
  type InfiniteData,
  type QueryClient,
  useInfiniteQuery,
  type UseInfiniteQueryResult,
} from '@tanstack/react-query';
import { useMemo } from 'react';
import { type EntryList, listEntries, type Query } from '@/api/content';
import type { ContentType } from '@/api/model';
import { entriesKey, type EntryRow } from './useEntryRows';

interface EntryPages {
  pages: UseInfiniteQueryResult<InfiniteData<EntryList>>;
  /** Those of all pages that were read. */
  rows: readonly EntryRow[];
}

function pagesKey(type: Pick<ContentType, 'uid'>, view: string, query: Query): readonly unknown[] {
  return [...entriesKey(type.uid), view, query];
}

/** The rows of pages that were read. */
function rowsOf(pages: readonly EntryList[]): EntryRow[] {
  return pages.flatMap((page) =>
    page.entries.map((entry) => ({
      entry,
      state: page.states[entry.documentId],
      review: page.reviews[entry.documentId],
    })),
  );
}

/** What a view has read of a query; `undefined` as long as that is nothing. */
export function loadedRows(
  queries: QueryClient,
  type: ContentType,
  view: string,
  query: Query,
): { rows: EntryRow[]; total: number } | undefined {
  const data = queries.getQueryData<InfiniteData<EntryList>>(pagesKey(type, view, query));
  const last = data?.pages.at(-1);
  return data && last ? { rows: rowsOf(data.pages), total: last.total } : undefined;
}

/** The rows that a query of the content API answers, one page after the other; `view` is what shows them. */
export function useEntryPages(type: ContentType, view: string, query: Query, pageSize: number): EntryPages {
  const pages = useInfiniteQuery({
    queryKey: pagesKey(type, view, query),
    queryFn: ({ pageParam, signal }) =>
      listEntries(type, { ...query, pagination: { page: pageParam, pageSize } }, signal),
    initialPageParam: 1,
    getNextPageParam: (last, all) => (all.length * pageSize < last.total ? all.length + 1 : undefined),
  });
  const rows = useMemo(() => rowsOf(pages.data?.pages ?? []), [pages.data]);
  return { pages, rows };
}
