import { queryOptions } from '@tanstack/react-query';
import { request } from './client';

/** A document on its way through review. Replaced by the generated type once the route is described. */
export interface ReviewSummary {
  id: number;
  contentType: string;
  documentId: string;
  locale: string | null;
  title: string | null;
  stage: string | null;
  due: { at: string; overdue: boolean } | null;
  /** Roles whose approval is missing. */
  askedFor: string[];
}

/** Something that was published on a day of the calendar. Replaced by the generated type once the route is described. */
export interface PublishedEntry {
  at: string;
  contentType: string | null;
  documentId: string | null;
  locale: string | null;
  title: string | null;
  /** Who published it. */
  by?: string | null;
}

interface CalendarDay {
  date: string;
  entries: PublishedEntry[];
}

/** Reviews of documents that whoever is signed in is to work on. */
export function assignedQuery(limit: number) {
  return queryOptions({
    queryKey: ['reviews', 'assigned', limit],
    queryFn: async ({ signal }) =>
      (await request<{ data: ReviewSummary[] }>('GET', '/admin/api/reviews', { query: { assignee: 'me', limit }, signal })).data,
  });
}

/** What was published from one day to another (`2026-12-01`), the first of it first. */
export function publishedQuery(range: { from: string; to: string; zone: string }) {
  return queryOptions({
    queryKey: ['calendar', 'published', range],
    queryFn: async ({ signal }) => {
      const query = { ...range, kinds: 'published' };
      const days = (await request<{ data: CalendarDay[] }>('GET', '/admin/api/calendar', { query, signal })).data;
      return days.flatMap((day) => day.entries);
    },
  });
}
