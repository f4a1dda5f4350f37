import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

/** A saved view of a list. */
export type SavedView = Schemas['SavedView'];

export type ViewDraft = Pick<SavedView, 'type' | 'name' | 'shared' | 'definition'>;

const PATH = '/admin/api/views';

/** The views of a type; without one, of all. */
export function savedViewsQuery(type?: string) {
  return queryOptions({
    queryKey: ['views', type ?? ''],
    queryFn: async ({ signal }) =>
      (await request<{ data: SavedView[] }>('GET', PATH, { query: { type }, signal })).data,
  });
}

export async function createView(view: ViewDraft): Promise<SavedView> {
  return (await request<{ data: SavedView }>('POST', PATH, { body: view })).data;
}

export async function changeView(id: number, view: ViewDraft): Promise<void> {
  await request('PUT', `${PATH}/${id}`, { body: view });
}

export async function deleteView(id: number): Promise<void> {
  await request('DELETE', `${PATH}/${id}`);
}
