import { defineRoute } from '@/app/route';
import {
  webhooksAddress,
  newWebhookAddress,
  webhookAddress,
  mailAddress,
  templateAddress,
  notificationsAddress,
  workflowsAddress,
  newWorkflowAddress,
  workflowAddress,
  localesAddress,
  glossaryAddress,
  ownersAddress,
  newOwnerAddress,
  ownerAddress,
  workingCalendarsAddress,
  newWorkingCalendarAddress,
  workingCalendarAddress,
  signInSettingsAddress,
  senderAddress,
  appearanceAddress,
  personalDataAddress,
  sealsAddress,
  backupsAddress,
  healthAddress,
  tenantsAddress,
  strapiImportAddress,
} from './addresses';

export const webhooksRoute = defineRoute(webhooksAddress, {
  layout: 'settings',
  title: 'settings:webhooks.title',
  needs: ['settings.webhooks'],
  page: () => import('./webhooks/WebhooksPage'),
});

export const newWebhookRoute = defineRoute(newWebhookAddress, {
  layout: 'settings',
  title: 'settings:webhooks.new',
  needs: ['settings.webhooks'],
  page: () => import('./webhooks/NewWebhookPage'),
});

export const webhookRoute = defineRoute(webhookAddress, {
  layout: 'settings',
  title: 'settings:webhooks.title',
  needs: ['settings.webhooks'],
  page: () => import('./webhooks/WebhookPage'),
});

export const mailRoute = defineRoute(mailAddress, {
  layout: 'settings',
  title: 'settings:mail.title',
  needs: ['settings.mail'],
  page: () => import('./mail/MailPage'),
});

export const templateRoute = defineRoute(templateAddress, {
  layout: 'settings',
  title: 'settings:mail.templates',
  needs: ['settings.mail'],
  page: () => import('./mail/TemplatePage'),
});

export const notificationsRoute = defineRoute(notificationsAddress, {
  layout: 'settings',
  title: 'settings:notifications.title',
  page: () => import('./notifications/NotificationsPage'),
});

export const workflowsRoute = defineRoute(workflowsAddress, {
  layout: 'settings',
  title: 'settings:workflows.title',
  needs: ['settings.workflows'],
  page: () => import('./workflows/WorkflowsPage'),
});

export const newWorkflowRoute = defineRoute(newWorkflowAddress, {
  layout: 'settings',
  title: 'settings:workflows.new',
  needs: ['settings.workflows'],
  page: () => import('./workflows/WorkflowPage'),
});

export const workflowRoute = defineRoute(workflowAddress, {
  layout: 'settings',
  title: 'settings:workflows.title',
  needs: ['settings.workflows'],
  page: () => import('./workflows/WorkflowPage'),
});

export const localesRoute = defineRoute(localesAddress, {
  layout: 'settings',
  title: 'settings:locales.title',
  needs: ['settings.locales'],
  page: () => import('./locales/LocalesPage'),
});

export const glossaryRoute = defineRoute(glossaryAddress, {
  layout: 'settings',
  title: 'glossary:title',
  page: () => import('./glossary/GlossaryPage'),
});

export const ownersRoute = defineRoute(ownersAddress, {
  layout: 'settings',
  title: 'owners:title',
  page: () => import('./owners/OwnersPage'),
});

export const newOwnerRoute = defineRoute(newOwnerAddress, {
  layout: 'settings',
  title: 'owners:new',
  needs: ['settings.owners'],
  page: () => import('./owners/OwnerPage'),
});

export const ownerRoute = defineRoute(ownerAddress, {
  layout: 'settings',
  title: 'owners:title',
  needs: ['settings.owners'],
  page: () => import('./owners/OwnerPage'),
});

export const workingCalendarsRoute = defineRoute(workingCalendarsAddress, {
  layout: 'settings',
  title: 'workingCalendars:title',
  page: () => import('./working-calendars/WorkingCalendarsPage'),
});

export const newWorkingCalendarRoute = defineRoute(newWorkingCalendarAddress, {
  layout: 'settings',
  title: 'workingCalendars:new',
  needs: ['settings.calendars'],
  page: () => import('./working-calendars/WorkingCalendarPage'),
});

export const workingCalendarRoute = defineRoute(workingCalendarAddress, {
  layout: 'settings',
  title: 'workingCalendars:title',
  page: () => import('./working-calendars/WorkingCalendarPage'),
});

export const signInSettingsRoute = defineRoute(signInSettingsAddress, {
  layout: 'settings',
  title: 'project:signIn.title',
  needs: ['settings.auth'],
  page: () => import('./sign-in/SignInSettingsPage'),
});

export const senderRoute = defineRoute(senderAddress, {
  layout: 'settings',
  title: 'project:sender.title',
  needs: ['settings.mail'],
  page: () => import('./sender/SenderPage'),
});

export const appearanceRoute = defineRoute(appearanceAddress, {
  layout: 'settings',
  title: 'project:appearance.title',
  needs: ['settings.theme'],
  page: () => import('./appearance/AppearancePage'),
});

export const personalDataRoute = defineRoute(personalDataAddress, {
  layout: 'settings',
  title: 'personal:title',
  needs: ['settings.personal-data'],
  page: () => import('./personal-data/PersonalDataPage'),
});

export const sealsRoute = defineRoute(sealsAddress, {
  layout: 'settings',
  title: 'seals:title',
  needs: ['settings.seals'],
  page: () => import('./seals/SealsPage'),
});

export const backupsRoute = defineRoute(backupsAddress, {
  layout: 'settings',
  title: 'backups:title',
  needs: ['backups.manage'],
  page: () => import('./backups/BackupsPage'),
});

export const healthRoute = defineRoute(healthAddress, {
  layout: 'settings',
  title: 'health:title',
  needs: ['system.read'],
  page: () => import('./health/HealthPage'),
});

export const tenantsRoute = defineRoute(tenantsAddress, {
  layout: 'settings',
  title: 'health:tenants.title',
  needs: ['system.read'],
  page: () => import('./tenants/TenantsPage'),
});

export const strapiImportRoute = defineRoute(strapiImportAddress, {
  layout: 'settings',
  title: 'strapiImport:title',
  needs: ['system.read'],
  page: () => import('./strapi-import/StrapiImportPage'),
});
