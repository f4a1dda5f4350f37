import { defineAddress } from '@/app/address';

/** The tabs of the inbox. */
export const TABS = ['notifications', 'mentions', 'waiting', 'assigned'] as const;

/** The part of the inbox that is open. */
export interface InboxSearch {
  tab: (typeof TABS)[number];
  unread?: boolean;
}

/** The inbox of whoever is signed in. */
export const inboxAddress = defineAddress({
  path: '/inbox',
  search: (raw): InboxSearch => ({
    tab: TABS.find((tab) => tab === raw.tab) ?? 'notifications',
    ...(raw.unread === true ? { unread: true } : {}),
  }),
});
