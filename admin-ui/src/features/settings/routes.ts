import { defineRoute } from '@/ui/route';
import { number, oneOf } from '@/ui/searchParams';

/** Who outside is told of what happens. */
export const webhooksRoute = defineRoute({
  path: '/settings/webhooks',
  layout: 'settings',
  title: 'settings:webhooks.title',
  needs: ['settings.webhooks'],
  page: () => import('./webhooks/WebhooksPage'),
});

/** Before the page of one of them: `new` is no number. */
export const newWebhookRoute = defineRoute({
  path: '/settings/webhooks/new',
  layout: 'settings',
  title: 'settings:webhooks.new',
  needs: ['settings.webhooks'],
  page: () => import('./webhooks/NewWebhookPage'),
});

export const webhookRoute = defineRoute({
  path: '/settings/webhooks/$id',
  layout: 'settings',
  title: 'settings:webhooks.title',
  needs: ['settings.webhooks'],
  search: (raw) => ({
    tab: oneOf(raw.tab, ['settings', 'deliveries']),
    ok: typeof raw.ok === 'boolean' ? raw.ok : undefined,
    attempt: number(raw.attempt),
  }),
  page: () => import('./webhooks/WebhookPage'),
});
