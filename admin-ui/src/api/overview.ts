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

/** Something on a day of the calendar. Replaced by the generated type once the route is described. */
export interface CalendarEntry {
  kind: 'planned' | 'scheduled' | 'published';
  at: string;
  contentType: string | null;
  documentId: string | null;
  locale: string | null;
  title: string | null;
  /** What is scheduled to happen. */
  action?: 'publish' | 'unpublish';
  /** Who published it. */
  by?: string | null;
  release?: { id: number; name: string } | null;
}

interface CalendarDay {
  date: string;
  entries: CalendarEntry[];
}

/** Reviews that somebody has to do with: assigned to them, or waiting for an approval that they may give. */
export function reviewsQuery(which: { assignee: 'me' } | { waitingForMe: true }, limit: number) {
  return queryOptions({
    queryKey: ['reviews', which, limit],
    queryFn: async ({ signal }) =>
      (await request<{ data: ReviewSummary[] }>('GET', '/admin/api/reviews', { query: { ...which, limit }, signal })).data,
  });
}

/** What is on the calendar from one day to another (`2026-12-01`), by time. */
export function calendarQuery(range: { from: string; to: string; kinds: readonly CalendarEntry['kind'][]; zone: string }) {
  return queryOptions({
    queryKey: ['calendar', range],
    queryFn: async ({ signal }) => {
      const query = { ...range, kinds: range.kinds.join(',') };
      const days = (await request<{ data: CalendarDay[] }>('GET', '/admin/api/calendar', { query, signal })).data;
      return days.flatMap((day) => day.entries);
    },
  });
}
