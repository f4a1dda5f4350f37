import { defineRoute } from '@/app/route';
import HomePage from './HomePage';
import { homeAddress } from './addresses';

/** The first page, so it comes with the shell. */
export const homeRoute = defineRoute(homeAddress, {
  layout: 'app',
  title: 'home:title',
  page: async () => ({ default: HomePage }),
});
