import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { ContentType, Model } from '@/api/model';
import type { RelationItem } from '@/fields/form/values';
import { listTargets, readableTitleOf } from '@/fields/relation/targets';

const PAGE_SIZE = 20;
/** Documents whose titles are asked for at a time. */
const TITLES_PER_REQUEST = 100;

/** Documents whose titles have all the words of a search, page behind page. */
export function useFoundDocuments(model: Model, type: ContentType, search: string, enabled: boolean) {
  const words = search.split(/\s+/).filter((word) => word !== '');
  const title = readableTitleOf(type);
  return useInfiniteQuery({
    queryKey: ['content', type.uid, 'documents', words],
    enabled,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    initialPageParam: 1,
    queryFn: ({ pageParam, signal }) =>
      listTargets(
        model,
        type,
        {
          pagination: { page: pageParam, pageSize: PAGE_SIZE },
          ...(words.length === 0
            ? {}
            : title
              ? { filters: { $and: words.map((word) => ({ [title]: { $containsi: word } })) } }
              : { _q: words.join(' ') }),
        },
        signal,
      ),
    getNextPageParam: ({ total }, pages) => (pages.length * PAGE_SIZE < total ? pages.length + 1 : undefined),
  });
}

/** The documents of these ids that there are and that may be read. */
export function useDocumentsById(model: Model, type: ContentType, ids: readonly string[], enabled: boolean) {
  return useQuery({
    queryKey: ['content', type.uid, 'documents', 'of', ids],
    enabled: enabled && ids.length > 0,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<RelationItem[]> => {
      const read = async (wanted: readonly string[], locale?: string): Promise<RelationItem[]> => {
        const batches = Array.from({ length: Math.ceil(wanted.length / TITLES_PER_REQUEST) }, (_, at) =>
          wanted.slice(at * TITLES_PER_REQUEST, (at + 1) * TITLES_PER_REQUEST),
        );
        const pages = await Promise.all(
          batches.map((batch) =>
            listTargets(
              model,
              type,
              { filters: { documentId: { $in: batch } }, pagination: { pageSize: TITLES_PER_REQUEST }, locale },
              signal,
            ),
          ),
        );
        return pages.flatMap(({ items }) => items);
      };
      const items = await read(ids);
      const missing = ids.filter((id) => !items.some(({ documentId }) => documentId === id));
      // A document need not be there in the default locale.
      return type.localized && missing.length > 0 ? [...items, ...(await read(missing, '*'))] : items;
    },
  });
}
