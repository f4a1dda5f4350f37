import { MAIL_STATES } from '@/api/mail';
import { defineRoute } from '@/ui/route';
import { number, oneOf, text } from '@/ui/searchParams';

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

export const MAIL_TABS = ['status', 'templates', 'sent', 'suppressed'] as const;

export const mailRoute = defineRoute({
  path: '/settings/mail',
  layout: 'settings',
  title: 'settings:mail.title',
  needs: ['settings.mail'],
  search: (raw) => ({
    tab: oneOf(raw.tab, MAIL_TABS),
    state: oneOf(raw.state, MAIL_STATES),
    to: text(raw.to),
    mail: number(raw.mail),
  }),
  page: () => import('./mail/MailPage'),
});

export const templateRoute = defineRoute({
  path: '/settings/mail/templates/$name/$locale',
  layout: 'settings',
  title: 'settings:mail.templates',
  needs: ['settings.mail'],
  page: () => import('./mail/TemplatePage'),
});

/** Of what one is told; for everybody. */
export const notificationsRoute = defineRoute({
  path: '/settings/notifications',
  layout: 'settings',
  title: 'settings:notifications.title',
  page: () => import('./notifications/NotificationsPage'),
});

export const workflowsRoute = defineRoute({
  path: '/settings/workflows',
  layout: 'settings',
  title: 'settings:workflows.title',
  needs: ['settings.workflows'],
  page: () => import('./workflows/WorkflowsPage'),
});

/** Not below `/settings/workflows`, where any word may be the name of one. */
export const newWorkflowRoute = defineRoute({
  path: '/settings/new-workflow',
  layout: 'settings',
  title: 'settings:workflows.new',
  needs: ['settings.workflows'],
  page: () => import('./workflows/WorkflowPage'),
});

export const workflowRoute = defineRoute({
  path: '/settings/workflows/$name',
  layout: 'settings',
  title: 'settings:workflows.title',
  needs: ['settings.workflows'],
  page: () => import('./workflows/WorkflowPage'),
});

export const localesRoute = defineRoute({
  path: '/settings/locales',
  layout: 'settings',
  title: 'settings:locales.title',
  needs: ['settings.locales'],
  page: () => import('./locales/LocalesPage'),
});
