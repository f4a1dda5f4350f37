import { MAIL_STATES } from '@/api/mail';
import { defineRoute } from '@/app/route';
import { readNumber, readOneOf, readText } from '@/app/searchParams';

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
    tab: readOneOf(raw.tab, ['settings', 'deliveries']),
    ok: typeof raw.ok === 'boolean' ? raw.ok : undefined,
    attempt: readNumber(raw.attempt),
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
    tab: readOneOf(raw.tab, MAIL_TABS),
    state: readOneOf(raw.state, MAIL_STATES),
    to: readText(raw.to),
    mail: readNumber(raw.mail),
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

export const OWNER_TABS = ['owners', 'escalated'] as const;

/** Who answers for which content; to be read by everybody, changed by some. */
export const ownersRoute = defineRoute({
  path: '/settings/owners',
  layout: 'settings',
  title: 'owners:title',
  search: (raw) => ({ tab: readOneOf(raw.tab, OWNER_TABS) }),
  page: () => import('./owners/OwnersPage'),
});

/** Before the page of one of them: `new` is no number. */
export const newOwnerRoute = defineRoute({
  path: '/settings/owners/new',
  layout: 'settings',
  title: 'owners:new',
  needs: ['settings.owners'],
  page: () => import('./owners/OwnerPage'),
});

export const ownerRoute = defineRoute({
  path: '/settings/owners/$id',
  layout: 'settings',
  title: 'owners:title',
  needs: ['settings.owners'],
  page: () => import('./owners/OwnerPage'),
});

export const signInSettingsRoute = defineRoute({
  path: '/settings/sign-in',
  layout: 'settings',
  title: 'project:signIn.title',
  needs: ['settings.auth'],
  page: () => import('./signin/SignInSettingsPage'),
});

export const senderRoute = defineRoute({
  path: '/settings/mail-sender',
  layout: 'settings',
  title: 'project:sender.title',
  needs: ['settings.mail'],
  page: () => import('./sender/SenderPage'),
});

export const appearanceRoute = defineRoute({
  path: '/settings/appearance',
  layout: 'settings',
  title: 'project:appearance.title',
  needs: ['settings.theme'],
  page: () => import('./appearance/AppearancePage'),
});

/** What is stored about one person. */
export const personalDataRoute = defineRoute({
  path: '/settings/personal-data',
  layout: 'settings',
  title: 'personal:title',
  needs: ['settings.personal-data'],
  page: () => import('./personal/PersonalDataPage'),
});

/** Keys and certificates that plugins seal with. */
export const sealsRoute = defineRoute({
  path: '/settings/seals',
  layout: 'settings',
  title: 'seals:title',
  needs: ['settings.seals'],
  page: () => import('./seals/SealsPage'),
});

/** All of the site as it was, and the way back to it. */
export const backupsRoute = defineRoute({
  path: '/settings/backups',
  layout: 'settings',
  title: 'backups:title',
  needs: ['backups.manage'],
  page: () => import('./backups/BackupsPage'),
});

export const healthRoute = defineRoute({
  path: '/settings/health',
  layout: 'settings',
  title: 'health:title',
  needs: ['system.read'],
  page: () => import('./health/HealthPage'),
});

export const tenantsRoute = defineRoute({
  path: '/settings/tenants',
  layout: 'settings',
  title: 'health:tenants.title',
  needs: ['system.read'],
  page: () => import('./tenants/TenantsPage'),
});
