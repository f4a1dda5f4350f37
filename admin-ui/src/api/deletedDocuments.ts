import { batchHeaders, request } from './client';
import type { Schemas } from './schemas';

/** A document that was deleted and can come back: the last entry of its history. */
export type DeletedDocument = Schemas['DeletedVersion'];

/** A page of deleted documents, newest first. */
export async function listDeleted(
  uid: string,
  before: number | undefined,
  signal: AbortSignal,
): Promise<{ documents: DeletedDocument[]; before: number | null }> {
  const body = await request<{ data: DeletedDocument[]; meta: { before: number | null } }>(
    'GET',
    '/admin/api/history/deleted',
    {
      query: { type: uid, before, limit: 50 },
      signal,
    },
  );
  return { documents: body.data, before: body.meta.before };
}

/** Brings a document back, in all its locales, as drafts. */
export async function restoreDeleted(uid: string, documentId: string, batch?: string): Promise<void> {
  await request('POST', '/admin/api/history/undelete', { body: { type: uid, documentId }, ...batchHeaders(batch) });
}
