import { IconActivity, IconListCheck, IconShieldCheck, IconTruckDelivery } from '@tabler/icons-react';
import type { Feature } from '@/app/feature';
import { auditRoute, consumerRoute, consumersRoute, eventsRoute, jobsRoute } from './routes';

/** What happened, who was told of it, and what the server does by itself. */
export function register(): Feature {
  return {
    name: 'events',
    routes: [eventsRoute, consumersRoute, consumerRoute, jobsRoute, auditRoute],
    settings: [
      {
        id: 'audit',
        label: 'events:audit.title',
        description: 'events:audit.lead',
        group: 'operations',
        to: auditRoute.path,
        order: 10,
        icon: IconShieldCheck,
        needs: auditRoute.needs,
      },
      {
        id: 'deliveries',
        label: 'events:consumers.title',
        description: 'events:consumers.lead',
        group: 'operations',
        to: consumersRoute.path,
        order: 20,
        icon: IconTruckDelivery,
        needs: consumersRoute.needs,
      },
      {
        id: 'events',
        label: 'events:events.title',
        description: 'events:events.lead',
        group: 'operations',
        to: eventsRoute.path,
        order: 30,
        icon: IconActivity,
        needs: eventsRoute.needs,
      },
      {
        id: 'jobs',
        label: 'events:jobs.title',
        description: 'events:jobs.lead',
        group: 'operations',
        to: jobsRoute.path,
        order: 40,
        icon: IconListCheck,
        needs: jobsRoute.needs,
      },
    ],
  };
}
