import { queryOptions } from '@tanstack/react-query';
import { batchHeaders, request } from './client';
import type { Schemas } from './schemas';

export type ReleaseState = Schemas['ReleaseState'];
export type Release = Schemas['Release'];
export type ReleaseItem = Schemas['ReleaseItem'];
/** An item as it would fare now. */
export type CheckedItem = Schemas['CheckedItem'];
/** What would become of a release. */
export type ReleasePreview = Schemas['ReleasePreview'];

export type NewItem = Schemas['NewReleaseItem'];

/** A local time in a zone; `fold` where the clock shows it twice. */
export type LocalTime = Schemas['LocalTime'];

const PATH = '/admin/api/releases';

export function releasesQuery(state?: ReleaseState) {
  return queryOptions({
    queryKey: ['releases', 'list', state ?? 'all'],
    queryFn: async ({ signal }) =>
      (await request<{ data: Release[] }>('GET', PATH, { query: { state, limit: 100 }, signal })).data,
  });
}

export function releaseQuery(id: number) {
  return queryOptions({
    queryKey: ['releases', id],
    queryFn: async ({ signal }) => (await request<{ data: Release }>('GET', `${PATH}/${id}`, { signal })).data,
  });
}

/** All items, page by page. */
export function releaseItemsQuery(id: number) {
  return queryOptions({
    queryKey: ['releases', id, 'items'],
    queryFn: ({ signal }) => listItems(id, signal),
  });
}

/** All items of a release, page by page. */
export async function listItems(id: number, signal?: AbortSignal): Promise<ReleaseItem[]> {
  const items: ReleaseItem[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const body: { data: ReleaseItem[]; meta: { after: number | null } } = await request('GET', `${PATH}/${id}/items`, {
      query: { after, limit: 100 },
      ...(signal ? { signal } : {}),
    });
    items.push(...body.data);
    after = body.meta.after;
  }
  return items;
}

/** Tries the release and undoes it: what would become of each item. */
export function validationQuery(id: number) {
  return queryOptions({
    queryKey: ['releases', id, 'validation'],
    queryFn: async ({ signal }) =>
      (await request<{ data: ReleasePreview }>('POST', `${PATH}/${id}/actions/validate`, { body: {}, signal })).data,
    staleTime: 0,
  });
}

export async function createRelease(name: string, note?: string): Promise<Release> {
  return (await request<{ data: Release }>('POST', PATH, { body: { name, ...(note ? { note } : {}) } })).data;
}

export async function deleteRelease(id: number): Promise<void> {
  await request('DELETE', `${PATH}/${id}`);
}

export async function addToRelease(id: number, items: readonly NewItem[], batch?: string): Promise<void> {
  await request('POST', `${PATH}/${id}/items`, { body: { items }, ...batchHeaders(batch) });
}

export async function removeFromRelease(id: number, item: number, batch?: string): Promise<void> {
  await request('DELETE', `${PATH}/${id}/items/${item}`, batchHeaders(batch));
}

/** Publishes, schedules, takes the schedule back, or rolls back. */
export async function runReleaseAction(id: number, action: 'publish' | 'unschedule', body?: undefined): Promise<void>;
export async function runReleaseAction(id: number, action: 'schedule', body: LocalTime): Promise<void>;
export async function runReleaseAction(id: number, action: 'rollback', body: { overwrite: boolean }): Promise<void>;
export async function runReleaseAction(id: number, action: string, body: object = {}): Promise<void> {
  await request('POST', `${PATH}/${id}/actions/${action}`, { body });
}
