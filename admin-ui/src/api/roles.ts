import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

/** An action that is allowed, perhaps for some entries and attributes only. */
export type Grant = Schemas['Permission'];

/** What may be done, by uid of a type (`*`: every type) and name of an action. */
export type Permissions = Schemas['AdminRole']['permissions'];

/** A role of admin users. */
export type AdminRole = Schemas['AdminRole'];

export type AdminRoleChanges = Schemas['AdminRoleChanges'];

/** A role of the content API. */
export type ContentRole = Schemas['ContentRole'];

export type ContentRoleChanges = Schemas['ContentRoleChanges'];

/** Why somebody may do something, or may not. */
export type Explanation = Schemas['Explanation'];

export interface ExplainQuery {
  user: number;
  action: string;
  type?: string;
  documentId?: string;
}

const ROLES = '/admin/api/roles';
const CONTENT_ROLES = '/admin/api/content-roles';

export const rolesQuery = queryOptions({
  queryKey: ['roles'],
  queryFn: async ({ signal }) => (await request<{ data: AdminRole[] }>('GET', ROLES, { signal })).data,
});

/** Everything that a role may allow beside content. */
export const roleActionsQuery = queryOptions({
  queryKey: ['roles', 'actions'],
  queryFn: async ({ signal }) =>
    (await request<{ data: { code: string; description: string }[] }>('GET', `${ROLES}/actions`, { signal })).data,
  staleTime: Number.POSITIVE_INFINITY,
});

/** Permissions of plugins for users and API tokens. */
export const pluginPermissionsQuery = queryOptions({
  queryKey: ['plugin-permissions'],
  queryFn: async ({ signal }) =>
    (await request<{ data: Schemas['PermissionsOfPlugin'][] }>('GET', '/admin/api/plugin-permissions', { signal }))
      .data,
});

/** Makes the role of that code, or changes it. */
export async function saveRole(code: string, changes: AdminRoleChanges): Promise<AdminRole> {
  return (await request<{ data: AdminRole }>('PUT', `${ROLES}/${encodeURIComponent(code)}`, { body: changes })).data;
}

/** Removes a role; a built-in one is as it was at first. */
export async function removeRole(code: string): Promise<void> {
  await request('DELETE', `${ROLES}/${encodeURIComponent(code)}`);
}

export async function explainPermission(question: ExplainQuery, signal?: AbortSignal): Promise<Explanation> {
  return (await request<{ data: Explanation }>('GET', `${ROLES}/explain`, { query: { ...question }, signal })).data;
}

export const contentRolesQuery = queryOptions({
  queryKey: ['content-roles'],
  queryFn: async ({ signal }) => (await request<{ data: ContentRole[] }>('GET', CONTENT_ROLES, { signal })).data,
});

export async function saveContentRole(code: string, changes: ContentRoleChanges): Promise<ContentRole> {
  return (
    await request<{ data: ContentRole }>('PUT', `${CONTENT_ROLES}/${encodeURIComponent(code)}`, { body: changes })
  ).data;
}

/** Removes a role; where it has users, `moveTo` is the code of the role that they get. */
export async function removeContentRole(code: string, moveTo?: string): Promise<void> {
  const query = moveTo === undefined ? {} : { moveTo };
  await request('DELETE', `${CONTENT_ROLES}/${encodeURIComponent(code)}`, { query });
}
