import { defineRoute } from '@/app/route';

/** What somebody sets for themselves. */
export const profileRoute = defineRoute({
  path: '/profile',
  layout: 'app',
  title: 'profile:title',
  page: () => import('./ProfilePage'),
});
