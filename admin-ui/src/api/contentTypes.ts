import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Model } from './model';

/** The content model and what the signed-in person may do with it. */
export const modelQuery = queryOptions({
  queryKey: ['content-types'],
  queryFn: async ({ signal }) => (await request<{ data: Model }>('GET', '/admin/api/content-types', { signal })).data,
  staleTime: 60_000,
});
