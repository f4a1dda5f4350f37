import {
  IconArchive,
  IconBell,
  IconBuildings,
  IconHeartbeat,
  IconLanguage,
  IconLogin2,
  IconMail,
  IconMailForward,
  IconPalette,
  IconRosetteDiscountCheck,
  IconRoute,
  IconUserCheck,
  IconWebhook,
} from '@tabler/icons-react';
import { isThere } from '@/api/there';
import type { AppRoute } from '@/app/route';
import type { Feature, SettingsPage } from '@/app/feature';
import * as routes from './routes';

type About = Pick<SettingsPage, 'id' | 'label' | 'description' | 'group' | 'order' | 'icon'> & Partial<SettingsPage>;

/** A page of the settings, for who may open its route. */
function page({ path, needs }: Pick<AppRoute, 'path' | 'needs'>, about: About): SettingsPage {
  return { to: path, needs, ...about };
}

/** Asks whether this server has a route, for this person. */
function there(path: string): () => Promise<boolean> {
  return () => isThere(path);
}

/** What can be set for the whole project. */
export function register(): Feature {
  const { OWNER_TABS: _owners, MAIL_TABS: _mail, ...all } = routes;
  return {
    name: 'settings',
    routes: Object.values(all),
    settings: [
      page(routes.localesRoute, {
        id: 'locales',
        label: 'settings:locales.title',
        description: 'settings:locales.lead',
        group: 'project',
        order: 10,
        icon: IconLanguage,
      }),
      page(routes.appearanceRoute, {
        id: 'appearance',
        label: 'project:appearance.title',
        description: 'project:appearance.lead',
        group: 'project',
        order: 20,
        icon: IconPalette,
      }),
      page(routes.signInSettingsRoute, {
        id: 'sign-in',
        label: 'project:signIn.title',
        description: 'project:signIn.about',
        group: 'project',
        order: 30,
        icon: IconLogin2,
      }),
      page(routes.webhooksRoute, {
        id: 'webhooks',
        label: 'settings:webhooks.title',
        description: 'settings:webhooks.lead',
        group: 'integrations',
        order: 20,
        icon: IconWebhook,
      }),
      page(routes.mailRoute, {
        id: 'mail',
        label: 'settings:mail.title',
        description: 'settings:mail.lead',
        group: 'integrations',
        order: 30,
        icon: IconMail,
      }),
      page(routes.senderRoute, {
        id: 'mail-sender',
        label: 'project:sender.title',
        description: 'project:sender.lead',
        group: 'integrations',
        order: 40,
        icon: IconMailForward,
      }),
      page(routes.sealsRoute, {
        id: 'seals',
        label: 'seals:title',
        description: 'seals:lead',
        group: 'integrations',
        order: 50,
        icon: IconRosetteDiscountCheck,
        available: there('/admin/api/seal-profiles'),
      }),
      page(routes.notificationsRoute, {
        id: 'notifications',
        label: 'settings:notifications.title',
        description: 'settings:notifications.lead',
        group: 'people',
        order: 40,
        icon: IconBell,
      }),
      page(routes.workflowsRoute, {
        id: 'workflows',
        label: 'settings:workflows.title',
        description: 'settings:workflows.lead',
        group: 'publishing',
        order: 10,
        icon: IconRoute,
      }),
      page(routes.ownersRoute, {
        id: 'owners',
        label: 'owners:title',
        description: 'owners:lead',
        group: 'publishing',
        order: 20,
        icon: IconUserCheck,
      }),
      page(routes.healthRoute, {
        id: 'health',
        label: 'health:title',
        description: 'health:about',
        group: 'operations',
        order: 5,
        icon: IconHeartbeat,
        available: there('/admin/api/health'),
      }),
      page(routes.backupsRoute, {
        id: 'backups',
        label: 'backups:title',
        description: 'backups:lead',
        group: 'operations',
        order: 7,
        icon: IconArchive,
        available: there('/admin/api/backups'),
      }),
      page(routes.tenantsRoute, {
        id: 'tenants',
        label: 'health:tenants.title',
        description: 'health:tenants.lead',
        group: 'operations',
        order: 50,
        icon: IconBuildings,
        available: there('/admin/api/tenants'),
      }),
    ],
  };
}
