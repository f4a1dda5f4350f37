import { queryOptions } from '@tanstack/react-query';
import { request } from './client';

/** What adds to the server. Replaced by the generated type once the route is described. */
export interface Plugin {
  name: string;
  displayName?: string | null;
  version?: string | null;
  description?: string | null;
  enabled?: boolean;
}

export const pluginsQuery = queryOptions({
  queryKey: ['plugins'],
  queryFn: async ({ signal }) => (await request<{ data: Plugin[] }>('GET', '/admin/api/plugins', { signal })).data,
});
