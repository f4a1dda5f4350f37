import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type Model, targetTypeOf } from '@/api/model';
import type { RelationItem } from '../form/values';
import { listTargets, searchTargets } from './targets';

/** Entries of a type that a search finds, as a relation holds them. */
export function useTargets(
  model: Model,
  uid: string | undefined,
  search: string,
  locale: string | undefined,
  enabled: boolean,
) {
  const type = targetTypeOf(model, uid);
  return useQuery({
    queryKey: ['content', uid, 'targets', search, locale],
    enabled: enabled && type !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    queryFn: async ({ signal }): Promise<RelationItem[]> => {
      if (!type) return [];
      const query = { pagination: { page: 1, pageSize: 20 }, ...searchTargets(type, search), locale };
      return (await listTargets(model, type, query, signal)).items;
    },
  });
}

/** Documents whose titles are asked for at a time. */
const MAX_TITLES = 100;

/** Those of some documents that the reader may see, as a relation holds them. */
export function useTargetsById(model: Model, uid: string | undefined, ids: readonly string[], enabled: boolean) {
  const type = targetTypeOf(model, uid);
  return useQuery({
    queryKey: ['content', uid, 'targets', 'of', ids],
    enabled: enabled && type !== undefined && ids.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    queryFn: async ({ signal }): Promise<RelationItem[]> => {
      if (!type) return [];
      const filters = { documentId: { $in: ids.slice(0, MAX_TITLES) } };
      return (await listTargets(model, type, { filters, pagination: { pageSize: MAX_TITLES } }, signal)).items;
    },
  });
}
