import { defineRoute } from '@/app/route';
import { releasesAddress, releaseAddress } from './addresses';

export const releasesRoute = defineRoute(releasesAddress, {
  layout: 'app',
  title: 'releases:title',
  page: () => import('./ReleasesPage'),
});

export const releaseRoute = defineRoute(releaseAddress, {
  layout: 'app',
  title: 'releases:one',
  texts: ['fields', 'views'],
  page: () => import('./ReleasePage'),
});
