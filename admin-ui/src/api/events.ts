import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import { pagesQuery } from './pages';
import type { Schemas } from './schemas';

/** Something that happened. */
export type StoredEvent = Schemas['Event'];

/** Somebody who hears of events, and how far they have got. */
export type Consumer = Schemas['Consumer'];

export type DeliveryState = Schemas['DeliveryState'];

/** What a consumer has not taken. */
export type Delivery = Schemas['Delivery'];

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

const consumerPath = (name: string): string => `${CONSUMERS}/${encodeURIComponent(name)}`;

export const eventsQuery = (filter: EventFilter) => pagesQuery<StoredEvent>('/admin/api/events', { ...filter });

export const consumersQuery = queryOptions({
  queryKey: ['consumers'],
  queryFn: async ({ signal }) => (await request<{ data: Consumer[] }>('GET', CONSUMERS, { signal })).data,
  // What waits changes by itself.
  refetchInterval: 10_000,
});

export const deliveriesQuery = (consumer: string, state: DeliveryState | undefined) =>
  pagesQuery<Delivery>(`${consumerPath(consumer)}/deliveries`, { state }, 'after');

/** Holds events back from a consumer, or lets them through again. */
export async function setPaused(consumer: string, paused: boolean): Promise<void> {
  await request('POST', `${consumerPath(consumer)}/${paused ? 'pause' : 'resume'}`, { body: {} });
}

/** Tries again now: one delivery, or all that wait or were given up. Answers how many. */
export async function retryDeliveries(consumer: string, id?: number): Promise<number> {
  return (
    await request<{ data: { deliveries: number } }>('POST', `${consumerPath(consumer)}/deliveries/retry`, {
      body: { id },
    })
  ).data.deliveries;
}

/** Gives up for good: one delivery, or all dead ones. Answers how many. */
export async function discardDeliveries(consumer: string, reason: string, id?: number): Promise<number> {
  return (
    await request<{ data: { deliveries: number } }>('POST', `${consumerPath(consumer)}/deliveries/discard`, {
      body: { id, reason },
    })
  ).data.deliveries;
}

/** Delivers events that are kept once more. Answers how many. */
export async function replayEvents(consumer: string, filter: EventFilter): Promise<number> {
  return (await request<{ data: { events: number } }>('POST', `${consumerPath(consumer)}/replay`, { body: filter }))
    .data.events;
}
