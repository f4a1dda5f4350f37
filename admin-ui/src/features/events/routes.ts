import type { AuditFilter } from '@/api/audit';
import type { DeliveryState, EventFilter } from '@/api/events';
import { JOB_STATES, type JobState } from '@/api/jobs';
import { defineRoute } from '@/app/route';
import { readNumber, readOneOf, readText } from '@/app/searchParams';

const DELIVERY_STATES = ['waiting', 'dead', 'discarded'] as const;

export const eventsRoute = defineRoute({
  path: '/settings/events',
  layout: 'settings',
  title: 'events:events.title',
  needs: ['events.read'],
  search: (raw): EventFilter & { event?: number } => ({
    name: readText(raw.name),
    contentType: readText(raw.contentType),
    key: readText(raw.key),
    from: readText(raw.from),
    to: readText(raw.to),
    event: readNumber(raw.event),
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
  search: (raw): { state?: DeliveryState } => ({ state: readOneOf(raw.state, DELIVERY_STATES) }),
  page: () => import('./ConsumerPage'),
});

export const jobsRoute = defineRoute({
  path: '/settings/jobs',
  layout: 'settings',
  title: 'events:jobs.title',
  needs: ['jobs.read'],
  search: (raw): { state?: JobState; name?: string } => ({
    state: readOneOf(raw.state, JOB_STATES),
    name: readText(raw.name),
  }),
  page: () => import('./JobsPage'),
});

/** The audit log; with `documentId` all that happened to a document. */
export const auditRoute = defineRoute({
  path: '/settings/audit',
  layout: 'settings',
  title: 'events:audit.title',
  needs: ['audit.read'],
  search: (raw): AuditFilter & { entry?: number } => ({
    action: readText(raw.action),
    actor: readText(raw.actor),
    contentType: readText(raw.contentType),
    documentId: readText(raw.documentId),
    from: readText(raw.from),
    to: readText(raw.to),
    batch: readText(raw.batch),
    entry: readNumber(raw.entry),
  }),
  page: () => import('./AuditPage'),
});
