import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

/** A user of the content API: somebody with an account at the site. */
export type ContentUser = Schemas['ContentUser'];

export type ContentUserState = Schemas['ContentUserState'];

/** A role that such users can have. */
type ContentUserRole = Schemas['ContentUserRole'];

/** What is bound to a user: what is under way, and the entries that refer to them. */
export type Dependents = Schemas['ContentUserDependents'];

/** An invitation, and the user whom it is for. */
export type InvitedContentUser = Schemas['InvitedContentUser'];

export type NewContentUser = Schemas['NewContentUser'];

/** Users who are listed. */
export interface ContentUserFilter {
  q?: string | undefined;
  blocked?: boolean | undefined;
  confirmed?: boolean | undefined;
  role?: string | undefined;
  /** By name where it is left out. */
  sort?: 'username:desc' | 'signedInAt:asc' | 'signedInAt:desc' | undefined;
  page: number;
}

const PATH = '/admin/api/content-users';

export interface ContentUserPage {
  data: ContentUser[];
  meta: { page: number; pageSize: number; total: number };
}

export const contentUsersQuery = (filter: ContentUserFilter) =>
  queryOptions({
    queryKey: ['content-users', 'list', filter],
    queryFn: ({ signal }) => request<ContentUserPage>('GET', PATH, { query: { ...filter }, signal }),
  });

export const contentUserQuery = (id: string) =>
  queryOptions({
    queryKey: ['content-users', 'one', id],
    queryFn: async ({ signal }) => (await request<{ data: ContentUser }>('GET', `${PATH}/${id}`, { signal })).data,
  });

/** The roles to choose from, and that of new users. */
export const contentUserRolesQuery = queryOptions({
  queryKey: ['content-users', 'roles'],
  queryFn: ({ signal }) =>
    request<{ data: ContentUserRole[]; meta: { defaultRole: string } }>('GET', `${PATH}/roles`, { signal }),
  staleTime: 60_000,
});

/** Asked anew each time: it is what somebody decides by. */
export const dependentsQuery = (id: string) =>
  queryOptions({
    queryKey: ['content-users', 'dependents', id],
    queryFn: async ({ signal }) =>
      (await request<{ data: Dependents }>('GET', `${PATH}/${id}/dependents`, { signal })).data,
    staleTime: 0,
  });

export async function inviteContentUser(user: NewContentUser): Promise<InvitedContentUser> {
  return (await request<{ data: InvitedContentUser }>('POST', PATH, { body: user })).data;
}

/** Mails another link. */
export async function inviteContentUserAgain(id: string, language?: string): Promise<InvitedContentUser> {
  const body = language ? { language } : {};
  return (await request<{ data: InvitedContentUser }>('POST', `${PATH}/${id}/invite`, { body })).data;
}

/** Mails a link by which they choose another password. */
export async function sendPasswordReset(id: string): Promise<void> {
  await request('POST', `${PATH}/${id}/password-reset`, { body: {} });
}

export async function setContentUserBlocked(id: string, blocked: boolean): Promise<ContentUser> {
  const action = blocked ? 'block' : 'unblock';
  return (await request<{ data: ContentUser }>('POST', `${PATH}/${id}/${action}`, { body: {} })).data;
}

/** Gives them another role, from their next request on. */
export async function setContentUserRole(id: string, role: string): Promise<ContentUser> {
  return (await request<{ data: ContentUser }>('PUT', `${PATH}/${id}/role`, { body: { role } })).data;
}
