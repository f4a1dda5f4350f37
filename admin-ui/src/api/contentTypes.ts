import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import { labelAttributes, type Model } from './model';
import { tellTypesApart } from './tellTypesApart';

/** The content model, with no two types named alike, plugins' attributes named in the reader's language, and what the signed-in person may do with it. */
export const modelQuery = queryOptions({
  queryKey: ['content-types'],
  queryFn: async ({ signal }) => {
    const { data } = await request<{ data: Model }>('GET', '/admin/api/content-types', { signal });
    return labelAttributes({ ...data, contentTypes: tellTypesApart(data.contentTypes) });
  },
  staleTime: 60_000,
});
