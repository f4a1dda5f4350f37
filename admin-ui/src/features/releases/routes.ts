import { defineRoute } from '@/app/route';

/** How releases are shown. */
export interface ReleasesSearch {
  view: 'list' | 'board';
}

export const releasesRoute = defineRoute({
  path: '/releases',
  layout: 'app',
  title: 'releases:title',
  search: (raw): ReleasesSearch => ({ view: raw.view === 'board' ? 'board' : 'list' }),
  page: () => import('./ReleasesPage'),
});

export const releaseRoute = defineRoute({
  path: '/releases/$id',
  layout: 'app',
  title: 'releases:one',
  texts: ['fields', 'views'],
  page: () => import('./ReleasePage'),
});
