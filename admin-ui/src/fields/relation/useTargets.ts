import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { listEntries } from '@/api/content';
import { contentTypeOf, type Model } from '@/api/model';
import type { RelationItem } from '../form/values';
import { relationItemOf } from '../form/wire';

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
      const title = type.titleField;
      const result = await listEntries(
        type,
        {
          pagination: { page: 1, pageSize: 20 },
          ...(search ? { _q: search } : {}),
          ...(title ? { fields: [title], sort: [`${title}:asc`] } : {}),
          ...(type.localized && locale ? { locale } : {}),
        },
        signal,
      );
      return result.entries.map((entry) => ({
        ...relationItemOf(model, type.uid, entry),
        ...(result.states[entry.documentId] ? { status: result.states[entry.documentId]?.status } : {}),
      })) as RelationItem[];
    },
  });
}
