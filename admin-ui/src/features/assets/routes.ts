import { defineRoute } from '@/app/route';
import { libraryAddress, expiringAddress, duplicatesAddress, policyAddress } from './addresses';
import { POLICY_PERMISSIONS } from './rights/permissions';

export const libraryRoute = defineRoute(libraryAddress, {
  layout: 'app',
  title: 'media:title',
  needs: ['media.read'],
  page: () => import('./LibraryPage'),
});

export const expiringRoute = defineRoute(expiringAddress, {
  layout: 'app',
  title: 'media:expiring.title',
  needs: ['media.read'],
  page: () => import('./ExpiringPage'),
});

export const duplicatesRoute = defineRoute(duplicatesAddress, {
  layout: 'app',
  title: 'media:duplicates.title',
  needs: ['media.read'],
  page: () => import('./DuplicatesPage'),
});

export const policyRoute = defineRoute(policyAddress, {
  layout: 'settings',
  title: 'media:policy.title',
  needs: POLICY_PERMISSIONS,
  page: () => import('./rights/PolicyPage'),
});
