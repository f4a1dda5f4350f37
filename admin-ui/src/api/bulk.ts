import type { ContentType } from './model';
import { inBatch, request } from './client';
import type { components } from './schema.gen';

/** What became of one document of many. */
export type Outcome = components['schemas']['EntryOutcome'];

type Typed = Pick<ContentType, 'uid'>;

function path(type: Typed, ...rest: string[]): string {
  return ['/admin/api/content', encodeURIComponent(type.uid), ...rest].join('/');
}

async function many(address: string, body: unknown, batch: string | undefined): Promise<Outcome[]> {
  return (await request<{ data: Outcome[] }>('POST', address, { body, ...inBatch(batch) })).data;
}

/** Publishes or unpublishes documents, each by itself. */
export async function publishMany(
  type: Typed,
  action: 'publish' | 'unpublish',
  documentIds: readonly string[],
  locale?: string,
  batch?: string,
): Promise<Outcome[]> {
  return many(path(type, 'actions', action), { documentIds, ...(locale ? { locales: [locale] } : {}) }, batch);
}

/** Deletes documents in all their locales; `undelete` brings each back. */
export async function deleteMany(type: Typed, documentIds: readonly string[], batch?: string): Promise<Outcome[]> {
  return many(path(type, 'bulk', 'delete'), { documentIds }, batch);
}

/** Gives documents the same values. */
export async function updateMany(
  type: Typed,
  documentIds: readonly string[],
  data: Record<string, unknown>,
  locale?: string,
  batch?: string,
): Promise<Outcome[]> {
  return many(path(type, 'bulk', 'update'), { documentIds, data, ...(locale ? { locale } : {}) }, batch);
}
