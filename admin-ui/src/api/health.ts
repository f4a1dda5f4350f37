import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

/** How the server does. */
export type Health = Schemas['Health'];
/** Something that was looked at: `disk.low`. */
export type HealthCheck = Schemas['HealthCheck'];
export type HealthLevel = Schemas['HealthLevel'];
export type HealthCode = Schemas['HealthCode'];

/** Who looks at the page sees a change within that many milliseconds. */
export const HEALTH_REFRESH_MS = 15_000;

export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: async ({ signal }) => (await request<{ data: Health }>('GET', '/admin/api/health', { signal })).data,
  staleTime: HEALTH_REFRESH_MS,
});
