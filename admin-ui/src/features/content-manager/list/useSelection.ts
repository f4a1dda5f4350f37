import { useCallback, useMemo, useState } from 'react';
import { type Entry, listEntries, type Query } from '@/api/content';
import type { ContentType } from '@/api/model';
import type { RowSelection } from '@/views/table/EntryTable';

/** Documents that can be chosen at once. */
const MOST_SELECTED = 10_000;

const PAGE = 100;

/** Which documents of a list are chosen, in the order of choosing. */
export interface Selection extends RowSelection {
  ids: readonly string[];
  /** Reading which there are. */
  isGathering: boolean;
  error: unknown;
}

export function useSelection(type: ContentType, query: Query): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [isGathering, setGathering] = useState(false);
  const [error, setError] = useState<unknown>();
  const clear = useCallback(() => setChosen(new Set()), []);
  const all = useCallback(() => {
    setGathering(true);
    setError(undefined);
    gather(type, query)
      .then((ids) => setChosen(new Set(ids)), setError)
      .finally(() => setGathering(false));
  }, [type, query]);
  const toggle = useCallback(({ documentId }: Entry) => {
    setChosen((old) => {
      const next = new Set(old);
      if (!next.delete(documentId)) next.add(documentId);
      return next;
    });
  }, []);
  const extend = useCallback(
    (entries: readonly Entry[]) =>
      setChosen((old) => new Set([...old, ...entries.map(({ documentId }) => documentId)])),
    [],
  );
  return useMemo(
    () => ({
      has: (id: string) => chosen.has(id),
      size: chosen.size,
      ids: [...chosen],
      toggle,
      extend,
      all,
      clear,
      isGathering,
      error,
    }),
    [chosen, toggle, extend, all, clear, isGathering, error],
  );
}

/** The ids of all documents that a query finds. */
async function gather(type: ContentType, query: Query): Promise<string[]> {
  const ids: string[] = [];
  const { populate: _, ...asked } = query;
  for (let page = 1; ids.length < MOST_SELECTED; page += 1) {
    const { entries } = await listEntries(type, {
      ...asked,
      fields: ['documentId'],
      pagination: { page, pageSize: PAGE, withCount: false },
    });
    ids.push(...entries.map(({ documentId }) => documentId));
    if (entries.length < PAGE) break;
  }
  return ids.slice(0, MOST_SELECTED);
}
