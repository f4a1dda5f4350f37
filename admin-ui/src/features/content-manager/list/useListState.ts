import { useMemo } from 'react';
import { usePreference } from '@/api/preferences';
import type { ContentType, Model } from '@/api/model';
import type { ColumnDef, Sort } from '@/views/definition';
import { type FilterGroup, NO_FILTER, nodesOf } from '@/views/filters/filter';
import { parseFilterOf } from '@/views/parseView';
import type { ColumnChanges } from '@/views/table/ColumnHead';
import { defaultColumns } from '@/views/table/columns';
import { listRoute, type ListSearch } from '../routes';

/** Columns as they are kept for a person. */
function readColumns(stored: unknown): ColumnDef[] | null {
  if (!Array.isArray(stored)) return null;
  const columns = stored.filter(
    (item): item is ColumnDef =>
      typeof item === 'object' && item !== null && typeof (item as ColumnDef).field === 'string',
  );
  return columns.length > 0 ? columns : null;
}

/** What a list shows: the address, and columns as somebody left them. */
export interface ListState {
  search: ListSearch;
  set: (change: Partial<ListSearch>) => void;
  filter: FilterGroup;
  setFilter: (filter: FilterGroup) => void;
  columns: readonly ColumnDef[];
  setColumns: (columns: readonly ColumnDef[]) => void;
  resetColumns: () => void;
  changes: ColumnChanges;
  sort: Sort;
}

export function useListState(model: Model, type: ContentType): ListState {
  const search = listRoute.useSearch();
  const set = listRoute.useSetSearch();
  const [storedColumns, storeColumns] = usePreference<ColumnDef[] | null>(`list.columns.${type.uid}`, readColumns);
  // A filter of an address that is not one of this type is dropped, not obeyed by half.
  const filter = useMemo(
    () => (search.filters === undefined ? NO_FILTER : (parseFilterOf(search.filters, model, type) ?? NO_FILTER)),
    [search.filters, model, type],
  );
  const columns = useMemo(() => {
    const own = storedColumns ?? defaultColumns(type);
    // The address says which and in what order; how wide they are is a matter of the person.
    return search.columns?.map((field) => own.find((column) => column.field === field) ?? { field }) ?? own;
  }, [storedColumns, search.columns, type]);
  const setColumns = (next: readonly ColumnDef[]): void => {
    storeColumns([...next]);
    if (search.columns) set({ columns: next.map(({ field }) => field) });
  };
  const without = (field: string): ColumnDef[] => columns.filter((column) => column.field !== field);
  return {
    search,
    set,
    filter,
    setFilter: (next) => set({ filters: nodesOf(next).length > 0 ? next : undefined }),
    columns,
    setColumns,
    resetColumns: () => {
      storeColumns(null);
      set({ columns: undefined });
    },
    changes: {
      resize: (field, width) =>
        setColumns(columns.map((column) => (column.field === field ? { ...column, width } : column))),
      pin: (field, pinned) =>
        setColumns(columns.map((column) => (column.field === field ? { ...column, pinned } : column))),
      hide: (field) => setColumns(without(field)),
      move: (field, before) => {
        const moved = columns.find((column) => column.field === field);
        if (!moved) return;
        const rest = without(field);
        const at = before === null ? rest.length : rest.findIndex((column) => column.field === before);
        // Among pinned columns it is pinned, among the others not.
        const beside = columns.find((column) => column.field === before);
        const pinned = beside ? { pinned: beside.pinned ?? false } : {};
        setColumns([...rest.slice(0, at), { ...moved, ...pinned }, ...rest.slice(at)]);
      },
    },
    sort: search.sort ?? 'updatedAt:desc',
  };
}
