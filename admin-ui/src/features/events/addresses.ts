import type { AuditFilter } from '@/api/audit';
import type { DeliveryState, EventFilter } from '@/api/events';
import { JOB_STATES, type JobState } from '@/api/jobs';
import { defineAddress } from '@/app/address';
import { readNumber, readOneOf, readText } from '@/app/searchParams';

const DELIVERY_STATES = ['waiting', 'dead', 'discarded'] as const;

/** The events of the project. */
export const eventsAddress = defineAddress({
  path: '/settings/events',
  search: (raw): EventFilter & { event?: number } => ({
    name: readText(raw.name),
    contentType: readText(raw.contentType),
    key: readText(raw.key),
    from: readText(raw.from),
    to: readText(raw.to),
    event: readNumber(raw.event),
  }),
});

/** All consumers of events. */
export const consumersAddress = defineAddress({ path: '/settings/deliveries' });

/** One consumer, and its deliveries. */
export const consumerAddress = defineAddress({
  path: '/settings/deliveries/$name',
  search: (raw): { state?: DeliveryState } => ({ state: readOneOf(raw.state, DELIVERY_STATES) }),
});

/** The jobs of the server. */
export const jobsAddress = defineAddress({
  path: '/settings/jobs',
  search: (raw): { state?: JobState; name?: string } => ({
    state: readOneOf(raw.state, JOB_STATES),
    name: readText(raw.name),
  }),
});

/** The audit log; with `documentId` all that happened to a document. */
export const auditAddress = defineAddress({
  path: '/settings/audit',
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
});
