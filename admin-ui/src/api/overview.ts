import { queryOptions } from '@tanstack/react-query';
import type { PublishedEntry } from './calendar';
import { request } from './client';
import type { Schemas } from './schemas';

/** A document on its way through review. */
export type ReviewSummary = Schemas['ReviewSummary'];

/** What waits for whoever signs in; parts that they may not see are missing. */
export interface Overview extends Omit<Schemas['Overview'], 'published'> {
  published?: PublishedEntry[];
}

/** The home page, in one request: each of its parts takes its own out of it. */
export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: async ({ signal }): Promise<Overview> => {
    const { published, ...rest } = (
      await request<{ data: Schemas['Overview'] }>('GET', '/admin/api/overview', { signal })
    ).data;
    return {
      ...rest,
      ...(published
        ? { published: published.filter((entry): entry is PublishedEntry => entry.kind === 'published') }
        : {}),
    };
  },
});
