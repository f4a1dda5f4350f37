import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Permissions } from './roles';

export const TOKEN_TYPES = ['full-access', 'read-only', 'custom'] as const;

export type TokenType = (typeof TOKEN_TYPES)[number];

/** A token for programs. Replaced by the generated type once the route is described. */
export interface ApiToken {
  id: number;
  name: string;
  description: string;
  type: TokenType;
  permissions: Permissions;
  readDrafts: boolean;
  expiresAt: string | null;
  createdAt: string;
  lastUsedAt: string | null;
}

export interface ApiTokenChanges {
  name: string;
  description: string;
  type: TokenType;
  permissions?: Permissions;
  readDrafts?: boolean;
  expiresAt?: string | null;
}

const TOKENS = '/admin/api/api-tokens';

export const apiTokensQuery = queryOptions({
  queryKey: ['api-tokens'],
  queryFn: async ({ signal }) => (await request<{ data: ApiToken[] }>('GET', TOKENS, { signal })).data,
});

/** Makes a token; its text comes with the answer, once. */
export async function createApiToken(token: ApiTokenChanges): Promise<ApiToken & { text: string }> {
  return (await request<{ data: ApiToken & { text: string } }>('POST', TOKENS, { body: token })).data;
}

export async function changeApiToken(id: number, changes: ApiTokenChanges): Promise<ApiToken> {
  return (await request<{ data: ApiToken }>('PUT', `${TOKENS}/${id}`, { body: changes })).data;
}

/** Another text, told once; the one before opens nothing any more. */
export async function regenerateApiToken(id: number): Promise<ApiToken & { text: string }> {
  return (await request<{ data: ApiToken & { text: string } }>('POST', `${TOKENS}/${id}/regenerate`, { body: {} })).data;
}

export async function removeApiToken(id: number): Promise<void> {
  await request('DELETE', `${TOKENS}/${id}`);
}
