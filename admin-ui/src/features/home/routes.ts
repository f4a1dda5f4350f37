import { defineRoute } from '@/app/route';
import HomePage from './HomePage';

/** What waits for whoever signs in: the first page, so it comes with the shell. */
export const homeRoute = defineRoute({
  path: '/',
  layout: 'app',
  title: 'home:title',
  page: async () => ({ default: HomePage }),
});
