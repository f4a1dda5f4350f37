import { defineRoute } from '@/app/route';
import { inboxAddress } from './addresses';

export const inboxRoute = defineRoute(inboxAddress, {
  layout: 'app',
  title: 'inbox:title',
  texts: ['views'],
  page: () => import('./InboxPage'),
});
