import { defineRoute } from '@/app/route';

export const TABS = ['notifications', 'mentions', 'waiting', 'assigned'] as const;

export interface InboxSearch {
  tab: (typeof TABS)[number];
  unread?: boolean;
}

export const inboxRoute = defineRoute({
  path: '/inbox',
  layout: 'app',
  title: 'inbox:title',
  texts: ['views'],
  search: (raw): InboxSearch => ({
    tab: TABS.find((tab) => tab === raw.tab) ?? 'notifications',
    ...(raw.unread === true ? { unread: true } : {}),
  }),
  page: () => import('./InboxPage'),
});
