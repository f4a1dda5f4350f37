import { keepPreviousData, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { type DocumentState, type Entry, type EntryList, listEntries, type Query } from '@/api/content';
import type { ContentType } from '@/api/model';

/** Entries of one request. */
export const PAGE = 100;

/** Milliseconds for which a place must be in view before it is fetched: who drags the bar passes thousands. */
const SETTLED = 80;

/** An entry with how its document stands. */
export interface EntryRow {
  entry: Entry;
  state: DocumentState | undefined;
}

/** Rows of a list of whatever length, fetched where they are looked at. */
export interface EntryRows {
  total: number;
  /** `undefined` where it has not come yet. */
  at: (index: number) => EntryRow | undefined;
  /** Those that are there, with their places. */
  loaded: () => [number, EntryRow][];
  /** What is in view: the first and last row. */
  look: (first: number, last: number) => void;
  isPending: boolean;
  /** What is shown is of the question before. */
  isStale: boolean;
  error: unknown;
  retry: () => void;
}

/** The key under which lists of a type are kept; invalidated when its entries change. */
export function entriesKey(uid: string): readonly unknown[] {
  return ['content', uid, 'entries'];
}

/** Forgets what was read of a type's entries, wherever it is shown. */
export function useEntriesChanged(): (uid: string) => Promise<void> {
  const queries = useQueryClient();
  return useCallback((uid) => queries.invalidateQueries({ queryKey: ['content', uid] }), [queries]);
}

/** The rows that a query of the content API answers, a page at a time and in any order. */
export function useEntryRows(type: ContentType, query: Query): EntryRows {
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const [pages, setPages] = useState<number[]>([]);
  const look = useCallback((first: number, last: number) => {
    const next: [number, number] = [Math.floor(first / PAGE), Math.floor(Math.max(first, last) / PAGE)];
    setRange((old) => (old[0] === next[0] && old[1] === next[1] ? old : next));
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => {
      setPages(Array.from({ length: range[1] - range[0] + 1 }, (_, at) => range[0] + at).filter((page) => page > 0));
    }, SETTLED);
    return () => clearTimeout(timer);
  }, [range]);

  const first = useQuery({
    queryKey: [...entriesKey(type.uid), query, 0],
    queryFn: ({ signal }) => listEntries(type, { ...query, pagination: { page: 1, pageSize: PAGE } }, signal),
    placeholderData: keepPreviousData,
  });
  const total = first.data?.total ?? 0;
  const last = Math.max(0, Math.ceil(total / PAGE) - 1);
  const rest = useQueries({
    queries: pages
      .filter((page) => page <= last)
      .map((page) => ({
        queryKey: [...entriesKey(type.uid), query, page],
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          listEntries(type, { ...query, pagination: { page: page + 1, pageSize: PAGE, withCount: false } }, signal),
        enabled: !first.isPlaceholderData,
      })),
    combine: (results) => ({
      lists: results.map((result) => result.data),
      error: results.find((result) => result.error)?.error,
      retry: () => results.forEach((result) => void (result.error && result.refetch())),
    }),
  });

  // A page that went out of view is remembered, so that scrolling back shows it at once.
  const queries = useQueryClient();
  const at = useCallback(
    (index: number): EntryRow | undefined => {
      const page = Math.floor(index / PAGE);
      const list = page === 0 ? first.data : queries.getQueryData<EntryList>([...entriesKey(type.uid), query, page]);
      return rowOf(list, index % PAGE);
    },
    // `rest.lists` is not read but tells that a page has come.
    // eslint-disable-next-line react/exhaustive-deps
    [first.data, rest.lists, queries, type.uid, query],
  );
  const loaded = useCallback((): [number, EntryRow][] => {
    const rows: [number, EntryRow][] = [];
    for (let page = 0; page <= last; page += 1) {
      const list = page === 0 ? first.data : queries.getQueryData<EntryList>([...entriesKey(type.uid), query, page]);
      list?.entries.forEach((_, index) => {
        const row = rowOf(list, index);
        if (row) rows.push([page * PAGE + index, row]);
      });
    }
    return rows;
  }, [first.data, last, queries, type.uid, query]);

  return useMemo(
    () => ({
      total,
      at,
      loaded,
      look,
      isPending: first.isPending,
      isStale: first.isPlaceholderData,
      error: first.error ?? rest.error,
      retry: () => {
        if (first.error) void first.refetch();
        rest.retry();
      },
    }),
    [total, at, loaded, look, first, rest],
  );
}

/** The rows of a page, made once: a row that is the same object is not drawn again. */
const made = new WeakMap<EntryList, EntryRow[]>();

function rowOf(list: EntryList | undefined, index: number): EntryRow | undefined {
  if (!list) return undefined;
  let rows = made.get(list);
  if (!rows) {
    rows = list.entries.map((entry) => ({ entry, state: list.states[entry.documentId] }));
    made.set(list, rows);
  }
  return rows[index];
}
