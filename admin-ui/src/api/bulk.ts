import type { ContentType } from './model';
import { batchHeaders, request } from './client';
import type { Schemas } from './schemas';

/** What became of one document of many. */
export type EntryOutcome = Schemas['EntryOutcome'];

/** A document for which nothing was done, with what the request ran into. */
export function toRefusedOutcome(documentId: string, cause: unknown): EntryOutcome {
  return {
    documentId,
    done: false,
    error: { message: cause instanceof Error ? cause.message : String(cause), details: {} },
  };
}

type TypeRef = Pick<ContentType, 'uid'>;

function bulkPath(type: TypeRef, ...rest: string[]): string {
  return ['/admin/api/content', encodeURIComponent(type.uid), ...rest].join('/');
}

async function sendBulk(address: string, body: unknown, batch: string | undefined): Promise<EntryOutcome[]> {
  return (await request<{ data: EntryOutcome[] }>('POST', address, { body, ...batchHeaders(batch) })).data;
}

/** Publishes or unpublishes documents, each by itself. */
export async function publishMany(
  type: TypeRef,
  action: 'publish' | 'unpublish',
  documentIds: readonly string[],
  locale?: string,
  batch?: string,
): Promise<EntryOutcome[]> {
  return sendBulk(bulkPath(type, 'actions', action), { documentIds, ...(locale ? { locales: [locale] } : {}) }, batch);
}

/** Deletes documents in all their locales; `restoreDeleted` brings each back. */
export async function deleteMany(
  type: TypeRef,
  documentIds: readonly string[],
  batch?: string,
): Promise<EntryOutcome[]> {
  return sendBulk(bulkPath(type, 'bulk', 'delete'), { documentIds }, batch);
}

/** Gives documents the same values. */
export async function updateMany(
  type: TypeRef,
  documentIds: readonly string[],
  data: Record<string, unknown>,
  locale?: string,
  batch?: string,
): Promise<EntryOutcome[]> {
  return sendBulk(bulkPath(type, 'bulk', 'update'), { documentIds, data, ...(locale ? { locale } : {}) }, batch);
}
