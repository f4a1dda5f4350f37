import { queryOptions } from '@tanstack/react-query';
import { request } from './client';

/** Somebody who works in the admin, as all who do may know. Replaced by the generated type once the route is described. */
export interface Colleague {
  id: number;
  name: string;
  email: string;
  roles: { code: string; name: string }[];
  active: boolean;
}

/** An admin user. Replaced by the generated type once the route is described. */
export interface AdminUser extends Colleague {
  firstName: string | null;
  lastName: string | null;
  language: string | null;
  /** They have not taken their invitation yet. */
  invited: boolean;
  twoFactor: boolean;
  signedInAt: string | null;
  createdAt: string;
}

export interface Invitation {
  email: string;
  roles: string[];
  firstName?: string;
  lastName?: string;
  language?: string;
}

export interface UserChanges {
  email?: string;
  roles?: string[];
  active?: boolean;
  firstName?: string | null;
  lastName?: string | null;
}

const USERS = '/admin/api/users';

export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: async ({ signal }) => (await request<{ data: Colleague[] }>('GET', '/admin/api/people', { signal })).data,
  staleTime: 60_000,
});

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: async ({ signal }) => (await request<{ data: AdminUser[] }>('GET', USERS, { signal })).data,
});

export async function inviteUser(invitation: Invitation): Promise<AdminUser> {
  return (await request<{ data: AdminUser }>('POST', USERS, { body: invitation })).data;
}

export async function changeUser(id: number, changes: UserChanges): Promise<AdminUser> {
  return (await request<{ data: AdminUser }>('PUT', `${USERS}/${id}`, { body: changes })).data;
}

export async function removeUser(id: number): Promise<void> {
  await request('DELETE', `${USERS}/${id}`);
}

/** Mails another link. */
export async function inviteAgain(id: number): Promise<void> {
  await request('POST', `${USERS}/${id}/invite`, { body: {} });
}

/** A link to hand over in another way than by mail; those before open nothing any more. */
export async function invitationLink(id: number): Promise<{ url: string; expiresAt: string }> {
  return (await request<{ data: { url: string; expiresAt: string } }>('POST', `${USERS}/${id}/invitation-link`, { body: {} })).data;
}

/** For who has lost it, and the recovery codes. */
export async function removeSecondFactor(id: number): Promise<void> {
  await request('DELETE', `${USERS}/${id}/second-factor`);
}
