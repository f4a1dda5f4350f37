import { request } from './client';
import type { Schemas } from './schemas';

/** An entry that was found. */
export type Hit = Schemas['Hit'];

/** Entries of any type that are called so. */
export async function searchEntries(q: string, limit: number, signal: AbortSignal): Promise<Hit[]> {
  return (
    await request<{ data: Hit[] }>('GET', '/admin/api/search', { query: { q, limit: Math.min(limit, 50) }, signal })
  ).data;
}
