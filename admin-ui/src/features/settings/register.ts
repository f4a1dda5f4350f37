import { IconWebhook } from '@tabler/icons-react';
import type { Feature } from '@/ui/feature';
import { newWebhookRoute, webhookRoute, webhooksRoute } from './routes';

/** What can be set for the whole project. */
export function register(): Feature {
  return {
    name: 'settings',
    routes: [webhooksRoute, newWebhookRoute, webhookRoute],
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
    ],
  };
}
