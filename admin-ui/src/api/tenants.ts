import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

/** A project beside others in one server. */
export type Tenant = Schemas['TenantOverview'];

export const tenantsQuery = queryOptions({
  queryKey: ['tenants'],
  queryFn: async ({ signal }) => (await request<{ data: Tenant[] }>('GET', '/admin/api/tenants', { signal })).data,
});
