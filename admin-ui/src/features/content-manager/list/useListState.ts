import { useMemo } from 'react';
import type { ContentType, Model } from '@/api/model';
import type { Sort } from '@/views/definition';
import { type FilterGroup, NO_FILTER, nodesOf } from '@/views/filters/filter';
import { parseFilterOf } from '@/views/parseView';
import { listAddress, type ListSearch } from '../addresses';
import { type ListColumns, useListColumns } from './useListColumns';

/** What a list shows: the address, and columns as somebody left them. */
export interface ListState extends ListColumns {
  search: ListSearch;
  set: (change: Partial<ListSearch>) => void;
  filter: FilterGroup;
  setFilter: (filter: FilterGroup) => void;
  sort: Sort;
}

export function useListState(model: Model, type: ContentType): ListState {
  const search = listAddress.useSearch();
  const set = listAddress.useSetSearch();
  // A filter of an address that is not one of this type is dropped, not obeyed by half.
  const filter = useMemo(
    () => (search.filters === undefined ? NO_FILTER : (parseFilterOf(search.filters, model, type) ?? NO_FILTER)),
    [search.filters, model, type],
  );
  return {
    ...useListColumns(type, search, set),
    search,
    set,
    filter,
    setFilter: (next) => set({ filters: nodesOf(next).length > 0 ? next : undefined }),
    sort: search.sort ?? (type.layout?.sort as Sort | null | undefined) ?? 'updatedAt:desc',
  };
}
