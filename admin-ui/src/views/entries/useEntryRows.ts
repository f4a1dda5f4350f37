import { keepPreviousData, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import {
  type DocumentState,
  type Entry,
  type EntryList,
  type EntryReview,
  listEntries,
  type Query,
} from '@/api/content';
import type { ContentType } from '@/api/model';
import { shouldRetry, limitConcurrency, retryDelay } from './limit';

/** Entries of one request. */
export const ENTRIES_PER_PAGE = 100;

/** Milliseconds for which a place must be in view before it is fetched: who drags the bar passes thousands. */
const FETCH_DELAY_MS = 120;

/** Pages that are asked for at once: two reach over every screen, more would only make the server slow. */
const limiter = limitConcurrency(2);

/** An entry with how its document stands. */
export interface EntryRow {
  entry: Entry;
  state: DocumentState | undefined;
  review?: EntryReview | undefined;
}

/** Rows of a list of whatever length, fetched where they are looked at. */
export interface EntryRows {
  total: number;
  /** `undefined` where it has not come yet. */
  at: (index: number) => EntryRow | undefined;
  /** Whether it was asked for and did not come. */
  failed: (index: number) => boolean;
  /** What is in view: the first and last row. */
  setVisibleRange: (first: number, last: number) => void;
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
  const [pages, setPages] = useState<readonly number[]>([]);
  const settling = useRef<ReturnType<typeof setTimeout>>(undefined);
  // What passes by is not noted at all: whoever drags would draw the page anew with each step.
  const setVisibleRange = useCallback((from: number, to: number) => {
    clearTimeout(settling.current);
    settling.current = setTimeout(() => {
      const [start, end] = [Math.floor(from / ENTRIES_PER_PAGE), Math.floor(Math.max(from, to) / ENTRIES_PER_PAGE)];
      const next = Array.from({ length: end - start + 1 }, (_, at) => start + at).filter((page) => page > 0);
      setPages((old) => (old.join() === next.join() ? old : next));
    }, FETCH_DELAY_MS);
  }, []);
  useEffect(() => () => clearTimeout(settling.current), []);

  const page = (at: number) => ({
    queryKey: [...entriesKey(type.uid), query, at],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      limiter(
        () =>
          listEntries(
            type,
            {
              ...query,
              pagination: { page: at + 1, pageSize: ENTRIES_PER_PAGE, ...(at > 0 ? { withCount: false } : {}) },
            },
            signal,
          ),
        signal,
      ),
    retry: shouldRetry,
    retryDelay,
  });
  const first = useQuery({ ...page(0), placeholderData: keepPreviousData });
  const total = first.data?.total ?? 0;
  const last = Math.max(0, Math.ceil(total / ENTRIES_PER_PAGE) - 1);
  const missingPages = pages.filter((at) => at <= last);
  // A page that goes out of view before it has come is not waited for: without an observer its request is aborted.
  const rest = useQueries({
    queries: missingPages.map((at) => ({ ...page(at), enabled: !first.isPlaceholderData })),
    combine: (results) => ({
      lists: results.map((result) => result.data),
      failed: new Set(missingPages.filter((_, at) => results[at]?.error)),
      error: results.find((result) => result.error)?.error,
      retry: () => results.forEach((result) => void (result.error && result.refetch())),
    }),
  });

  // A page that went out of view is remembered, so that scrolling back shows it at once. Looked up once for all its rows.
  const queries = useQueryClient();
  const at = useMemo(() => {
    const known = new Map<number, EntryList | undefined>([[0, first.data]]);
    return (index: number): EntryRow | undefined => {
      const number = Math.floor(index / ENTRIES_PER_PAGE);
      if (!known.has(number))
        known.set(number, queries.getQueryData<EntryList>([...entriesKey(type.uid), query, number]));
      return rowOf(known.get(number), index % ENTRIES_PER_PAGE);
    };
    // `rest.lists` is not read but tells that a page has come.
    // eslint-disable-next-line react/exhaustive-deps
  }, [first.data, rest.lists, queries, type.uid, query]);
  const failed = useCallback(
    (index: number): boolean => rest.failed.has(Math.floor(index / ENTRIES_PER_PAGE)),
    [rest.failed],
  );

  return useMemo(
    () => ({
      total,
      at,
      failed,
      setVisibleRange,
      isPending: first.isPending,
      isStale: first.isPlaceholderData,
      error: first.error ?? rest.error,
      retry: () => {
        if (first.error) void first.refetch();
        rest.retry();
      },
    }),
    [total, at, failed, setVisibleRange, first, rest],
  );
}

/** The rows of a page, made once: a row that is the same object is not drawn again. */
const rowsByList = new WeakMap<EntryList, EntryRow[]>();

function rowOf(list: EntryList | undefined, index: number): EntryRow | undefined {
  if (!list) return undefined;
  let rows = rowsByList.get(list);
  if (!rows) {
    rows = list.entries.map((entry) => ({
      entry,
      state: list.states[entry.documentId],
      review: list.reviews[entry.documentId],
    }));
    rowsByList.set(list, rows);
  }
  return rows[index];
}
