import { queryOptions } from '@tanstack/react-query';
import { batchHeaders, request } from './client';
import type { Schemas } from './schemas';

/** A document in review. */
export type ReviewItem = Schemas['ReviewSummary'];

/** Says who is to see to a document: those and nobody else. */
export async function assignReview(
  uid: string,
  documentId: string,
  users: readonly number[],
  locale?: string,
  batch?: string,
): Promise<void> {
  const path = `/admin/api/review/${encodeURIComponent(uid)}/${encodeURIComponent(documentId)}/assignees`;
  await request('PUT', path, { query: locale ? { locale } : {}, body: { users }, ...batchHeaders(batch) });
}

/** A page of reviews, newest first. */
export async function listReviews(
  params: { assignee?: 'me'; waitingForMe?: boolean; overdue?: boolean; before?: number; limit?: number },
  signal: AbortSignal,
): Promise<{ reviews: ReviewItem[]; before: number | null }> {
  const body = await request<{ data: ReviewItem[]; meta: { before: number | null } }>('GET', '/admin/api/reviews', {
    query: { limit: 50, ...params },
    signal,
  });
  return { reviews: body.data, before: body.meta.before };
}

/** What waits for an approval of the reader's: as many as anybody looks at. */
export const waitingReviewsQuery = queryOptions({
  queryKey: ['reviews', 'waiting', 'first'],
  queryFn: ({ signal }) => listReviews({ waitingForMe: true, limit: 99 }, signal),
});
