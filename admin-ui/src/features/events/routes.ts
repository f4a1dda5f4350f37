import type { AuditFilter } from '@/api/audit';
import type { DeliveryState, EventFilter } from '@/api/events';
import { JOB_STATES, type JobState } from '@/api/jobs';
import { defineRoute } from '@/app/route';
import { number, oneOf, text } from '@/app/searchParams';

const DELIVERY_STATES = ['waiting', 'dead', 'discarded'] as const;

export const eventsRoute = defineRoute({
  path: '/settings/events',
  layout: 'settings',
  title: 'events:events.title',
  needs: ['events.read'],
  search: (raw): EventFilter & { event?: number } => ({
    name: text(raw.name),
    contentType: text(raw.contentType),
    key: text(raw.key),
    from: text(raw.from),
    to: text(raw.to),
    event: number(raw.event),
  }),
  page: () => import('./EventsPage'),
});

export const consumersRoute = defineRoute({
  path: '/settings/deliveries',
  layout: 'settings',
  title: 'events:consumers.title',
  needs: ['events.read'],
  page: () => import('./ConsumersPage'),
});

export const consumerRoute = defineRoute({
  path: '/settings/deliveries/$name',
  layout: 'settings',
  title: 'events:consumers.title',
  needs: ['events.read'],
  search: (raw): { state?: DeliveryState } => ({ state: oneOf(raw.state, DELIVERY_STATES) }),
  page: () => import('./ConsumerPage'),
});

export const jobsRoute = defineRoute({
  path: '/settings/jobs',
  layout: 'settings',
  title: 'events:jobs.title',
  needs: ['jobs.read'],
  search: (raw): { state?: JobState; name?: string } => ({ state: oneOf(raw.state, JOB_STATES), name: text(raw.name) }),
  page: () => import('./JobsPage'),
});

/** The audit log; with `documentId` all that happened to a document. */
export const auditRoute = defineRoute({
  path: '/settings/audit',
  layout: 'settings',
  title: 'events:audit.title',
  needs: ['audit.read'],
  search: (raw): AuditFilter & { entry?: number } => ({
    action: text(raw.action),
    actor: text(raw.actor),
    contentType: text(raw.contentType),
    documentId: text(raw.documentId),
    from: text(raw.from),
    to: text(raw.to),
    batch: text(raw.batch),
    entry: number(raw.entry),
  }),
  page: () => import('./AuditPage'),
});
