import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Permissions } from './roles';
import type { Schemas } from './schemas';

/** A token for programs that use the admin API. */
export type AdminToken = Schemas['AdminToken'];

/** With its text, told once. */
export type AdminTokenText = Schemas['AdminTokenText'];

/** What a new token is to be. */
export type NewAdminToken = Omit<Schemas['NewAdminToken'], 'permissions'> & { permissions?: Permissions };

const TOKENS = '/admin/api/admin-tokens';

export const adminTokensQuery = queryOptions({
  queryKey: ['admin-tokens'],
  queryFn: async ({ signal }) => (await request<{ data: AdminToken[] }>('GET', TOKENS, { signal })).data,
});

/** What who is signed in can give to a token beside content. */
export const adminTokenActionsQuery = queryOptions({
  queryKey: ['admin-tokens', 'actions'],
  queryFn: async ({ signal }) =>
    (await request<{ data: { code: string; description: string }[] }>('GET', `${TOKENS}/actions`, { signal })).data,
});

/** Makes a token; its text comes with the answer, once. */
export async function createAdminToken(token: NewAdminToken): Promise<AdminTokenText> {
  return (await request<{ data: AdminTokenText }>('POST', TOKENS, { body: token })).data;
}

/** Removes a token: it opens nothing from then on. */
export async function revokeAdminToken(id: number): Promise<void> {
  await request('DELETE', `${TOKENS}/${id}`);
}
