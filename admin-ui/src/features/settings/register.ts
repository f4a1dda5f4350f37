import { IconBell, IconLanguage, IconMail, IconRoute, IconWebhook } from '@tabler/icons-react';
import type { Feature } from '@/ui/feature';
import { localesRoute, mailRoute, newWebhookRoute, newWorkflowRoute, notificationsRoute, templateRoute, webhookRoute, webhooksRoute, workflowRoute, workflowsRoute } from './routes';

/** What can be set for the whole project. */
export function register(): Feature {
  return {
    name: 'settings',
    routes: [webhooksRoute, newWebhookRoute, webhookRoute, mailRoute, templateRoute, notificationsRoute, workflowsRoute, newWorkflowRoute, workflowRoute, localesRoute],
    settings: [
      {
        id: 'locales',
        label: 'settings:locales.title',
        description: 'settings:locales.lead',
        group: 'project',
        to: localesRoute.path,
        order: 10,
        icon: IconLanguage,
        needs: localesRoute.needs,
      },
      {
        id: 'webhooks',
        label: 'settings:webhooks.title',
        description: 'settings:webhooks.lead',
        group: 'integrations',
        to: webhooksRoute.path,
        order: 20,
        icon: IconWebhook,
        needs: webhooksRoute.needs,
      },
      {
        id: 'mail',
        label: 'settings:mail.title',
        description: 'settings:mail.lead',
        group: 'integrations',
        to: mailRoute.path,
        order: 30,
        icon: IconMail,
        needs: mailRoute.needs,
      },
      {
        id: 'notifications',
        label: 'settings:notifications.title',
        description: 'settings:notifications.lead',
        group: 'people',
        to: notificationsRoute.path,
        order: 40,
        icon: IconBell,
      },
      {
        id: 'workflows',
        label: 'settings:workflows.title',
        description: 'settings:workflows.lead',
        group: 'publishing',
        to: workflowsRoute.path,
        order: 10,
        icon: IconRoute,
        needs: workflowsRoute.needs,
      },
    ],
  };
}
