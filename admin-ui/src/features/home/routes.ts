import { defineRoute } from '@/ui/route';

/** What waits for whoever signs in. */
export const homeRoute = defineRoute({
  path: '/',
  layout: 'app',
  title: 'home:title',
  page: () => import('./HomePage'),
});
