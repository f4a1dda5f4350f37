import { defineRoute } from '@/app/route';
import { eventsAddress, consumersAddress, consumerAddress, jobsAddress, auditAddress } from './addresses';

export const eventsRoute = defineRoute(eventsAddress, {
  layout: 'settings',
  title: 'events:events.title',
  needs: ['events.read'],
  page: () => import('./EventsPage'),
});

export const consumersRoute = defineRoute(consumersAddress, {
  layout: 'settings',
  title: 'events:consumers.title',
  needs: ['events.read'],
  page: () => import('./ConsumersPage'),
});

export const consumerRoute = defineRoute(consumerAddress, {
  layout: 'settings',
  title: 'events:consumers.title',
  needs: ['events.read'],
  page: () => import('./ConsumerPage'),
});

export const jobsRoute = defineRoute(jobsAddress, {
  layout: 'settings',
  title: 'events:jobs.title',
  needs: ['jobs.read'],
  page: () => import('./JobsPage'),
});

export const auditRoute = defineRoute(auditAddress, {
  layout: 'settings',
  title: 'events:audit.title',
  needs: ['audit.read'],
  page: () => import('./AuditPage'),
});
