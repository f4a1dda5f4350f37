import { queryOptions } from '@tanstack/react-query';
import { request } from './client';

/** What may be done, by uid of a type (`*`: every type) and name of an action. */
export type Permissions = Record<string, Record<string, Grant>>;

/** An action that is allowed, perhaps for some entries and attributes only. */
export interface Grant {
  /** Filters of the query language. */
  where?: Record<string, unknown>;
  fields?: string[];
}

/** A role of admin users. Replaced by the generated type once the route is described. */
export interface AdminRole {
  code: string;
  name: string;
  description: string;
  builtIn: boolean;
  /** What it allows beside content. */
  actions: string[];
  permissions: Permissions;
  /** How many have it. */
  users: number;
}

export interface AdminRoleChanges {
  name?: string;
  description?: string;
  actions?: string[];
  permissions?: Permissions;
}

/** A role of the content API. Replaced by the generated type once the route is described. */
export interface ContentRole {
  code: string;
  name: string;
  description: string;
  readDrafts: boolean;
  permissions: Permissions;
  builtIn: boolean;
}

export interface ContentRoleChanges {
  name?: string;
  description?: string;
  readDrafts?: boolean;
  permissions?: Permissions;
}

/** Why somebody may do something, or may not. Replaced by the generated type once the route is described. */
export interface Explanation {
  allowed: boolean;
  reason: 'inactive' | 'super-admin' | 'role' | 'some-entries' | 'not-this-entry' | 'no-role';
  roles: { code: string; name: string; where: Record<string, unknown> | null; fields: string[] | null }[];
  /** Codes of roles that would allow it. */
  others: string[];
  fields: string[] | null;
}

export interface Question {
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
  queryFn: async ({ signal }) => (await request<{ data: { code: string; description: string }[] }>('GET', `${ROLES}/actions`, { signal })).data,
  staleTime: Number.POSITIVE_INFINITY,
});

/** Makes the role of that code, or changes it. */
export async function saveRole(code: string, changes: AdminRoleChanges): Promise<AdminRole> {
  return (await request<{ data: AdminRole }>('PUT', `${ROLES}/${encodeURIComponent(code)}`, { body: changes })).data;
}

/** Removes a role; a built-in one is as it was at first. */
export async function removeRole(code: string): Promise<void> {
  await request('DELETE', `${ROLES}/${encodeURIComponent(code)}`);
}

export async function explainRight(question: Question, signal?: AbortSignal): Promise<Explanation> {
  return (await request<{ data: Explanation }>('GET', `${ROLES}/explain`, { query: { ...question }, signal })).data;
}

export const contentRolesQuery = queryOptions({
  queryKey: ['content-roles'],
  queryFn: async ({ signal }) => (await request<{ data: ContentRole[] }>('GET', CONTENT_ROLES, { signal })).data,
});

export async function saveContentRole(code: string, changes: ContentRoleChanges): Promise<ContentRole> {
  return (await request<{ data: ContentRole }>('PUT', `${CONTENT_ROLES}/${encodeURIComponent(code)}`, { body: changes })).data;
}

export async function removeContentRole(code: string): Promise<void> {
  await request('DELETE', `${CONTENT_ROLES}/${encodeURIComponent(code)}`);
}
