import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import { labelAttributes, type Model } from './model';

/** The content model, with plugins' attributes named in the reader's language, and what the signed-in person may do with it. */
export const modelQuery = queryOptions({
  queryKey: ['content-types'],
  queryFn: async ({ signal }) =>
    labelAttributes((await request<{ data: Model }>('GET', '/admin/api/content-types', { signal })).data),
  staleTime: 60_000,
});
