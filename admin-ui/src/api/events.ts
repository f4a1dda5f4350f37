import { queryOptions } from '@tanstack/react-query';
import type { Actor } from './actor';
import { request } from './client';
import { pagesQuery } from './pages';

/** Something that happened. Replaced by the generated type once the route is described. */
export interface StoredEvent {
  pos: number;
  id: string;
  name: string;
  key: string;
  at: string;
  actor: Actor;
  contentType: string | null;
  documentId: string | null;
  locale: string | null;
  status: string | null;
  data: Record<string, unknown> | null;
}

/** Somebody who hears of events, and how far they have got. Replaced by the generated type once the route is described. */
export interface Consumer {
  name: string;
  state: 'active' | 'paused' | 'disabled';
  reason: string | null;
  position: number;
  /** Events not handed to it yet. */
  lag: number;
  behindSince: string | null;
  waiting: number;
  dead: number;
  discarded: number;
  createdAt: string;
}

export type DeliveryState = 'waiting' | 'dead' | 'discarded';

/** What a consumer has not taken. Replaced by the generated type once the route is described. */
export interface Delivery {
  id: number;
  state: DeliveryState;
  attempt: number;
  due: string;
  error: string | null;
  reason: string | null;
  event: StoredEvent | null;
}

/** Which events are meant. */
export interface EventFilter {
  /** `*` at its end: what begins so. */
  name?: string;
  contentType?: string;
  key?: string;
  from?: string;
  to?: string;
}

const CONSUMERS = '/admin/api/consumers';

const of = (name: string): string => `${CONSUMERS}/${encodeURIComponent(name)}`;

export const eventsQuery = (filter: EventFilter) => pagesQuery<StoredEvent>('/admin/api/events', { ...filter });

export const consumersQuery = queryOptions({
  queryKey: ['consumers'],
  queryFn: async ({ signal }) => (await request<{ data: Consumer[] }>('GET', CONSUMERS, { signal })).data,
  // What waits changes by itself.
  refetchInterval: 10_000,
});

export const deliveriesQuery = (consumer: string, state: DeliveryState | undefined) => pagesQuery<Delivery>(`${of(consumer)}/deliveries`, { state }, 'after');

/** Holds events back from a consumer, or lets them through again. */
export async function setPaused(consumer: string, paused: boolean): Promise<void> {
  await request('POST', `${of(consumer)}/${paused ? 'pause' : 'resume'}`, { body: {} });
}

/** Tries again now: one delivery, or all that wait or were given up. Answers how many. */
export async function retryDeliveries(consumer: string, id?: number): Promise<number> {
  return (await request<{ data: { deliveries: number } }>('POST', `${of(consumer)}/deliveries/retry`, { body: { id } })).data.deliveries;
}

/** Gives up for good: one delivery, or all dead ones. Answers how many. */
export async function discardDeliveries(consumer: string, reason: string, id?: number): Promise<number> {
  return (await request<{ data: { deliveries: number } }>('POST', `${of(consumer)}/deliveries/discard`, { body: { id, reason } })).data.deliveries;
}

/** Delivers events that are kept once more. Answers how many. */
export async function replayEvents(consumer: string, filter: EventFilter): Promise<number> {
  return (await request<{ data: { events: number } }>('POST', `${of(consumer)}/replay`, { body: filter })).data.events;
}
