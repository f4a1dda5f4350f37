import { queryOptions } from '@tanstack/react-query';
import { ApiError, request } from './client';
import type { Schemas } from './schemas';

/** An entry that leads to another one, in one of its versions. */
export type EntryUsage = Schemas['EntryUsage'];

export interface Usages {
  usages: EntryUsage[];
  /** False: there are more than are listed. */
  complete: boolean;
  /** How many entries they are in, and how many of those are published. */
  entries: number;
  published: number;
}

function countDocuments(usages: readonly EntryUsage[]): number {
  return new Set(usages.map(({ contentType, documentId }) => `${contentType} ${documentId}`)).size;
}

/** Where an entry is used; `null` where the server does not tell. */
export function usagesQuery(uid: string, documentId: string) {
  return queryOptions({
    queryKey: ['usages', uid, documentId],
    staleTime: 30_000,
    queryFn: async ({ signal }): Promise<Usages | null> => {
      try {
        const path = `/admin/api/content/${encodeURIComponent(uid)}/${encodeURIComponent(documentId)}/usages`;
        const { data, meta } = await request<{ data: EntryUsage[]; meta: { complete: boolean } }>('GET', path, {
          signal,
        });
        const published = data.filter((usage) => usage.status === 'published');
        return {
          usages: data,
          complete: meta.complete,
          entries: countDocuments(data),
          published: countDocuments(published),
        };
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
  });
}
