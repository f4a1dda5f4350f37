import {
  IconArchive,
  IconBell,
  IconBuildings,
  IconCalendarTime,
  IconDatabaseImport,
  IconHeartbeat,
  IconLanguage,
  IconLogin2,
  IconMail,
  IconMailForward,
  IconPalette,
  IconRosetteDiscountCheck,
  IconRoute,
  IconUserCheck,
  IconUserShield,
  IconVocabulary,
  IconWebhook,
} from '@tabler/icons-react';
import { routeExists } from '@/api/routeExists';
import type { AppRoute } from '@/app/route';
import type { Feature, SettingsPage } from '@/app/feature';
import { newWorkingCalendarAddress } from './addresses';
import * as routes from './routes';

type PageTexts = Pick<SettingsPage, 'id' | 'label' | 'description' | 'group' | 'order' | 'icon'> &
  Partial<SettingsPage>;

/** A page of the settings, for who may open its route. */
function settingsPage({ path, needs }: Pick<AppRoute, 'path' | 'needs'>, about: PageTexts): SettingsPage {
  return { to: path, needs, ...about };
}

/** Asks whether this server has a route, for this person. */
function hasRoute(path: string): () => Promise<boolean> {
  return () => routeExists(path);
}

/** What can be set for the whole project. */
export function register(): Feature {
  return {
    name: 'settings',
    routes: Object.values(routes),
    palette: [
      {
        id: 'new-working-calendar',
        label: 'workingCalendars:new',
        keywords: 'workingCalendars:words',
        icon: IconCalendarTime,
        needs: routes.newWorkingCalendarRoute.needs,
        target: newWorkingCalendarAddress.to({}),
      },
    ],
    settings: [
      settingsPage(routes.localesRoute, {
        id: 'locales',
        label: 'settings:locales.title',
        description: 'settings:locales.lead',
        group: 'project',
        order: 10,
        icon: IconLanguage,
      }),
      settingsPage(routes.glossaryRoute, {
        id: 'glossary',
        label: 'glossary:title',
        description: 'glossary:lead',
        group: 'project',
        order: 15,
        icon: IconVocabulary,
      }),
      settingsPage(routes.appearanceRoute, {
        id: 'appearance',
        label: 'project:appearance.title',
        description: 'project:appearance.lead',
        group: 'project',
        order: 20,
        icon: IconPalette,
      }),
      settingsPage(routes.workingCalendarsRoute, {
        id: 'working-calendars',
        label: 'workingCalendars:title',
        description: 'workingCalendars:lead',
        group: 'project',
        order: 40,
        icon: IconCalendarTime,
      }),
      settingsPage(routes.signInSettingsRoute, {
        id: 'sign-in',
        label: 'project:signIn.title',
        description: 'project:signIn.about',
        group: 'project',
        order: 30,
        icon: IconLogin2,
      }),
      settingsPage(routes.webhooksRoute, {
        id: 'webhooks',
        label: 'settings:webhooks.title',
        description: 'settings:webhooks.lead',
        group: 'integrations',
        order: 20,
        icon: IconWebhook,
      }),
      settingsPage(routes.mailRoute, {
        id: 'mail',
        label: 'settings:mail.title',
        description: 'settings:mail.lead',
        group: 'integrations',
        order: 30,
        icon: IconMail,
      }),
      settingsPage(routes.senderRoute, {
        id: 'mail-sender',
        label: 'project:sender.title',
        description: 'project:sender.lead',
        group: 'integrations',
        order: 40,
        icon: IconMailForward,
      }),
      settingsPage(routes.sealsRoute, {
        id: 'seals',
        label: 'seals:title',
        description: 'seals:lead',
        group: 'integrations',
        order: 50,
        icon: IconRosetteDiscountCheck,
        available: hasRoute('/admin/api/seal-profiles'),
      }),
      settingsPage(routes.notificationsRoute, {
        id: 'notifications',
        label: 'settings:notifications.title',
        description: 'settings:notifications.lead',
        group: 'people',
        order: 40,
        icon: IconBell,
      }),
      settingsPage(routes.personalDataRoute, {
        id: 'personal-data',
        label: 'personal:title',
        description: 'personal:lead',
        group: 'people',
        order: 50,
        icon: IconUserShield,
        available: hasRoute('/admin/api/personal-data/erasures'),
      }),
      settingsPage(routes.workflowsRoute, {
        id: 'workflows',
        label: 'settings:workflows.title',
        description: 'settings:workflows.lead',
        group: 'publishing',
        order: 10,
        icon: IconRoute,
      }),
      settingsPage(routes.ownersRoute, {
        id: 'owners',
        label: 'owners:title',
        description: 'owners:lead',
        group: 'publishing',
        order: 20,
        icon: IconUserCheck,
      }),
      settingsPage(routes.healthRoute, {
        id: 'health',
        label: 'health:title',
        description: 'health:about',
        group: 'operations',
        order: 5,
        icon: IconHeartbeat,
        available: hasRoute('/admin/api/health'),
      }),
      settingsPage(routes.backupsRoute, {
        id: 'backups',
        label: 'backups:title',
        description: 'backups:lead',
        group: 'operations',
        order: 7,
        icon: IconArchive,
        available: hasRoute('/admin/api/backups'),
      }),
      settingsPage(routes.strapiImportRoute, {
        id: 'strapi-import',
        label: 'strapiImport:title',
        description: 'strapiImport:lead',
        group: 'operations',
        order: 8,
        icon: IconDatabaseImport,
        available: hasRoute('/admin/api/strapi-import'),
      }),
      settingsPage(routes.tenantsRoute, {
        id: 'tenants',
        label: 'health:tenants.title',
        description: 'health:tenants.lead',
        group: 'operations',
        order: 50,
        icon: IconBuildings,
        available: hasRoute('/admin/api/tenants'),
      }),
    ],
  };
}
