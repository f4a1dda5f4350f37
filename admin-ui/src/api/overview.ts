import { queryOptions } from '@tanstack/react-query';
import type { CalendarDay, PublishedEntry } from './calendar';
import { request } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

/** A document on its way through review. */
export type ReviewSummary = Schemas['ReviewSummary'];

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
      return days.flatMap((day) => day.entries).filter((entry): entry is PublishedEntry => entry.kind === 'published');
    },
  });
}
