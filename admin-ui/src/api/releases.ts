import { queryOptions } from '@tanstack/react-query';
import { request } from './client';

/** Replaced by the generated types once the routes are described. */
export type ReleaseState = 'open' | 'scheduled' | 'done' | 'failed' | 'rolled-back';

export interface Release {
  id: number;
  name: string;
  note: string | null;
  state: ReleaseState;
  localTime: string | null;
  zone: string | null;
  due: string | null;
  problem: ReleaseProblem | null;
  createdAt: string;
  endedAt: string | null;
  rolledBackAt: string | null;
}

/** What keeps a release, or an item of it, from being done. */
export interface ReleaseProblem {
  message?: string;
  details?: { errors?: { path?: (string | number)[]; message: string }[] } & Record<string, unknown>;
}

export interface ReleaseItem {
  id: number;
  contentType: string;
  documentId: string;
  locale: string | null;
  action: 'publish' | 'unpublish';
  outcome: string | null;
  problem: ReleaseProblem | null;
}

/** An item as it would fare now. */
export interface CheckedItem extends ReleaseItem {
  problems: ReleaseProblem[];
  unchanged: boolean;
  alsoIn: { id: number; name: string }[];
}

/** A document that an item links to and that would not be seen. */
export interface Suggestion {
  contentType: string;
  documentId: string;
  locale: string | null;
  state: string;
  linkedBy: { item: number; attribute: string };
}

export interface Validation {
  release: Release;
  fit: boolean;
  items: CheckedItem[];
  suggestions: Suggestion[];
}

export interface NewItem {
  contentType: string;
  documentId: string;
  locale?: string;
  action: 'publish' | 'unpublish';
}

/** A local time in a zone; `fold` where the clock shows it twice. */
export interface LocalMoment {
  localTime: string;
  zone: string;
  fold?: 'earlier' | 'later';
}

const PATH = '/admin/api/releases';

export function releasesQuery(state?: ReleaseState) {
  return queryOptions({
    queryKey: ['releases', 'list', state ?? 'all'],
    queryFn: async ({ signal }) => (await request<{ data: Release[] }>('GET', PATH, { query: { state, limit: 100 }, signal })).data,
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
    queryFn: async ({ signal }) => {
      const items: ReleaseItem[] = [];
      for (let after: number | null = 0; after !== null; ) {
        const body: { data: ReleaseItem[]; meta: { after: number | null } } = await request('GET', `${PATH}/${id}/items`, { query: { after, limit: 100 }, signal });
        items.push(...body.data);
        after = body.meta.after;
      }
      return items;
    },
  });
}

/** Tries the release and undoes it: what would become of each item. */
export function validationQuery(id: number) {
  return queryOptions({
    queryKey: ['releases', id, 'validation'],
    queryFn: async ({ signal }) => (await request<{ data: Validation }>('POST', `${PATH}/${id}/actions/validate`, { body: {}, signal })).data,
    staleTime: 0,
  });
}

export async function createRelease(name: string, note?: string): Promise<Release> {
  return (await request<{ data: Release }>('POST', PATH, { body: { name, ...(note ? { note } : {}) } })).data;
}

export async function changeRelease(id: number, change: { name?: string; note?: string | null }): Promise<void> {
  await request('PUT', `${PATH}/${id}`, { body: change });
}

export async function deleteRelease(id: number): Promise<void> {
  await request('DELETE', `${PATH}/${id}`);
}

export async function addToRelease(id: number, items: readonly NewItem[]): Promise<void> {
  await request('POST', `${PATH}/${id}/items`, { body: { items } });
}

export async function removeFromRelease(id: number, item: number): Promise<void> {
  await request('DELETE', `${PATH}/${id}/items/${item}`);
}

/** Publishes, schedules, takes the schedule back, or rolls back. */
export async function actOnRelease(id: number, action: 'publish' | 'unschedule', body?: undefined): Promise<void>;
export async function actOnRelease(id: number, action: 'schedule', body: LocalMoment): Promise<void>;
export async function actOnRelease(id: number, action: 'rollback', body: { overwrite: boolean }): Promise<void>;
export async function actOnRelease(id: number, action: string, body: object = {}): Promise<void> {
  await request('POST', `${PATH}/${id}/actions/${action}`, { body });
}
