import { request } from './client';

/** A document in review. Replaced by the generated type once the route is described. */
export interface ReviewItem {
  id: number;
  contentType: string;
  documentId: string;
  locale: string | null;
  title: string | null;
  workflow: string | null;
  stage: string | null;
  colour: string | null;
  since: string;
  assignees: number[];
  due: { at: string; localTime: string; zone: string; overdue: boolean } | null;
  /** Roles whose approval is asked for. */
  askedFor: string[];
  /** What publishing still needs, as sentences. */
  missing: string[];
  publishable: boolean;
}

/** A page of reviews, newest first. */
export async function listReviews(
  asked: { assignee?: 'me'; waitingForMe?: boolean; overdue?: boolean; before?: number; limit?: number },
  signal: AbortSignal,
): Promise<{ reviews: ReviewItem[]; before: number | null }> {
  const body = await request<{ data: ReviewItem[]; meta: { before: number | null } }>('GET', '/admin/api/reviews', { query: { limit: 50, ...asked }, signal });
  return { reviews: body.data, before: body.meta.before };
}
