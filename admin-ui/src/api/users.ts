import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

/** Somebody who works in the admin, as all who do may know. */
export type Colleague = Schemas['Colleague'];

export type AdminUser = Schemas['AdminUser'];

export type Invitation = Schemas['Invitation'];

export type UserChanges = Schemas['AdminUserUpdate'];

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
  return (
    await request<{ data: { url: string; expiresAt: string } }>('POST', `${USERS}/${id}/invitation-link`, { body: {} })
  ).data;
}

/** For who has lost it, and the recovery codes. */
export async function removeSecondFactor(id: number): Promise<void> {
  await request('DELETE', `${USERS}/${id}/second-factor`);
}
