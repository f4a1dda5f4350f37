import { IconMail, IconWebhook } from '@tabler/icons-react';
import type { Feature } from '@/ui/feature';
import { mailRoute, newWebhookRoute, templateRoute, webhookRoute, webhooksRoute } from './routes';

/** What can be set for the whole project. */
export function register(): Feature {
  return {
    name: 'settings',
    routes: [webhooksRoute, newWebhookRoute, webhookRoute, mailRoute, templateRoute],
    settings: [
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
    ],
  };
}
