import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Permissions } from './roles';
import type { Schemas } from './schemas';

export type TokenType = Schemas['ApiToken']['type'];

export const TOKEN_TYPES = ['full-access', 'read-only', 'custom'] as const satisfies readonly TokenType[];

/** A token for programs. */
export type ApiToken = Schemas['ApiToken'];

/** With its text, told once. */
export type ApiTokenText = Schemas['ApiTokenText'];

/** What a token is to be: all of it, also where it is changed. */
export type ApiTokenChanges = Omit<Schemas['NewApiToken'], 'permissions'> & { permissions?: Permissions };

const TOKENS = '/admin/api/api-tokens';

export const apiTokensQuery = queryOptions({
  queryKey: ['api-tokens'],
  queryFn: async ({ signal }) => (await request<{ data: ApiToken[] }>('GET', TOKENS, { signal })).data,
});

/** Makes a token; its text comes with the answer, once. */
export async function createApiToken(token: ApiTokenChanges): Promise<ApiTokenText> {
  return (await request<{ data: ApiTokenText }>('POST', TOKENS, { body: token })).data;
}

export async function changeApiToken(id: number, changes: ApiTokenChanges): Promise<ApiToken> {
  return (await request<{ data: ApiToken }>('PUT', `${TOKENS}/${id}`, { body: changes })).data;
}

/** Another text, told once; the one before opens nothing any more. */
export async function regenerateApiToken(id: number): Promise<ApiTokenText> {
  return (await request<{ data: ApiTokenText }>('POST', `${TOKENS}/${id}/regenerate`, { body: {} })).data;
}

export async function removeApiToken(id: number): Promise<void> {
  await request('DELETE', `${TOKENS}/${id}`);
}
