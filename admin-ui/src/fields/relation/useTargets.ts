import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { contentTypeOf, type Model } from '@/api/model';
import type { RelationItem } from '../form/values';
import { listTargets } from './targets';

/** Entries of a type that a search finds, as a relation holds them. */
export function useTargets(
  model: Model,
  uid: string | undefined,
  search: string,
  locale: string | undefined,
  enabled: boolean,
) {
  const type = contentTypeOf(model, uid);
  return useQuery({
    queryKey: ['content', uid, 'targets', search, locale],
    enabled: enabled && type !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    queryFn: async ({ signal }): Promise<RelationItem[]> => {
      if (!type) return [];
      const query = { pagination: { page: 1, pageSize: 20 }, ...(search ? { _q: search } : {}), locale };
      return (await listTargets(model, type, query, signal)).items;
    },
  });
}
