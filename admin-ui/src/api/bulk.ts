import type { ContentType } from './model';
import { request } from './client';
import type { components } from './schema.gen';

/** What became of one document of many. */
export type Outcome = components['schemas']['EntryOutcome'];

type Typed = Pick<ContentType, 'uid'>;

function path(type: Typed, ...rest: string[]): string {
  return ['/admin/api/content', encodeURIComponent(type.uid), ...rest].join('/');
}

async function many(address: string, body: unknown, signal?: AbortSignal): Promise<Outcome[]> {
  return (await request<{ data: Outcome[] }>('POST', address, { body, ...(signal ? { signal } : {}) })).data;
}

/** Publishes or unpublishes documents, each by itself. */
export async function publishMany(type: Typed, action: 'publish' | 'unpublish', documentIds: readonly string[], locale?: string): Promise<Outcome[]> {
  return many(path(type, 'actions', action), { documentIds, ...(locale ? { locales: [locale] } : {}) });
}

/** Deletes documents in all their locales; `undelete` brings each back. */
export async function deleteMany(type: Typed, documentIds: readonly string[]): Promise<Outcome[]> {
  return many(path(type, 'bulk', 'delete'), { documentIds });
}

/** Gives documents the same values. */
export async function updateMany(type: Typed, documentIds: readonly string[], data: Record<string, unknown>, locale?: string): Promise<Outcome[]> {
  return many(path(type, 'bulk', 'update'), { documentIds, data, ...(locale ? { locale } : {}) });
}
