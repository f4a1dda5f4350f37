import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { components } from './schema.gen';

/** A project beside others in one server. */
export type Tenant = components['schemas']['TenantOverview'];

export const tenantsQuery = queryOptions({
  queryKey: ['tenants'],
  queryFn: async ({ signal }) => (await request<{ data: Tenant[] }>('GET', '/admin/api/tenants', { signal })).data,
});
