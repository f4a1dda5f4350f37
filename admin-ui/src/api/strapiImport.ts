import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

/** What an import from Strapi stored, and what differs. */
export type StrapiImport = Schemas['StrapiImport'];

export const strapiImportQuery = queryOptions({
  queryKey: ['strapi-import'],
  queryFn: async ({ signal }) =>
    (await request<{ data: StrapiImport }>('GET', '/admin/api/strapi-import', { signal })).data,
  staleTime: Infinity,
});
