import { useCallback, useMemo, useState } from 'react';
import { type Entry, listEntries, type Query } from '@/api/content';
import type { ContentType } from '@/api/model';
import type { RowSelection } from '@/views/table/EntryTable';

/** Documents that can be chosen at once. */
const MAX_SELECTED = 10_000;

const PAGE_SIZE = 100;

/** Which documents of a list are chosen, in the order of choosing. */
export interface Selection extends RowSelection {
  ids: readonly string[];
  /** Reading which there are. */
  isGathering: boolean;
  error: unknown;
}

export function useSelection(type: ContentType, query: Query): Selection {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [isGathering, setGathering] = useState(false);
  const [error, setError] = useState<unknown>();
  const clear = useCallback(() => setSelected(new Set()), []);
  const all = useCallback(() => {
    setGathering(true);
    setError(undefined);
    loadAllIds(type, query)
      .then((ids) => setSelected(new Set(ids)), setError)
      .finally(() => setGathering(false));
  }, [type, query]);
  const toggle = useCallback(({ documentId }: Entry) => {
    setSelected((old) => {
      const next = new Set(old);
      if (!next.delete(documentId)) next.add(documentId);
      return next;
    });
  }, []);
  const extend = useCallback(
    (entries: readonly Entry[]) =>
      setSelected((old) => new Set([...old, ...entries.map(({ documentId }) => documentId)])),
    [],
  );
  return useMemo(
    () => ({
      has: (id: string) => selected.has(id),
      size: selected.size,
      ids: [...selected],
      toggle,
      extend,
      all,
      clear,
      isGathering,
      error,
    }),
    [selected, toggle, extend, all, clear, isGathering, error],
  );
}

/** The ids of all documents that a query finds. */
async function loadAllIds(type: ContentType, query: Query): Promise<string[]> {
  const ids: string[] = [];
  const { populate: _, ...idQuery } = query;
  for (let page = 1; ids.length < MAX_SELECTED; page += 1) {
    const { entries } = await listEntries(type, {
      ...idQuery,
      fields: ['documentId'],
      pagination: { page, pageSize: PAGE_SIZE, withCount: false },
    });
    ids.push(...entries.map(({ documentId }) => documentId));
    if (entries.length < PAGE_SIZE) break;
  }
  return ids.slice(0, MAX_SELECTED);
}
