import { defineRoute } from '@/app/route';
import { releasesAddress, releaseAddress } from './addresses';

export const releasesRoute = defineRoute(releasesAddress, {
  layout: 'app',
  title: 'releases:title',
  needs: ['releases.read'],
  page: () => import('./ReleasesPage'),
});

export const releaseRoute = defineRoute(releaseAddress, {
  layout: 'app',
  title: 'releases:one',
  needs: ['releases.read'],
  texts: ['editor', 'fields', 'releasing', 'views'],
  page: () => import('./ReleasePage'),
});
