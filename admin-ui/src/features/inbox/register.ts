import { IconInbox } from '@tabler/icons-react';
import type { Feature } from '@/app/feature';
import { inboxRoute } from './routes';
import UnreadBadge from './UnreadBadge';

/** The inbox: what somebody was told, and what waits for them. */
export function register(): Feature {
  return {
    name: 'inbox',
    routes: [inboxRoute],
    navigation: [
      {
        id: 'inbox',
        label: 'inbox:title',
        icon: IconInbox,
        to: '/inbox',
        order: 50,
        goTo: 'i',
        badge: UnreadBadge,
      },
    ],
  };
}
