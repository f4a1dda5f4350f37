import { defineRoute } from '@/app/route';
import { siteUserAddress, siteUsersAddress } from './addresses';

export const siteUsersRoute = defineRoute(siteUsersAddress, {
  layout: 'app',
  title: 'siteUsers:title',
  needs: ['content-users.read'],
  page: () => import('./SiteUsersPage'),
});

export const siteUserRoute = defineRoute(siteUserAddress, {
  layout: 'app',
  title: 'siteUsers:one',
  needs: ['content-users.read'],
  page: () => import('./SiteUserPage'),
});
