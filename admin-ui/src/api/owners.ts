import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import { pagesQuery } from './pages';
import type { Schemas } from './schemas';

/** Who answers for the content of a type or a phase, and to whom it goes when it waits for too long. */
export type Owner = Schemas['Owner'];
export type OwnerInput = Schemas['OwnerInput'];
/** Something that waited for too long. */
export type Escalation = Schemas['Escalated'];

const PATH = '/admin/api/owners';

export const ownersQuery = queryOptions({
  queryKey: ['owners'],
  queryFn: async ({ signal }) => (await request<{ data: Owner[] }>('GET', PATH, { signal })).data,
});

/** Makes an owner, or with a number replaces that one. */
export async function saveOwner(owner: OwnerInput, id?: number): Promise<Owner> {
  return (
    await request<{ data: Owner }>(id === undefined ? 'POST' : 'PUT', id === undefined ? PATH : `${PATH}/${id}`, {
      body: owner,
    })
  ).data;
}

export async function removeOwner(id: number): Promise<void> {
  await request('DELETE', `${PATH}/${id}`);
}

/** What was escalated, newest first. */
export const escalationsQuery = () => pagesQuery<Escalation>('/admin/api/escalations');
