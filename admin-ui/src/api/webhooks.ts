import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import { pagesQuery } from './pages';
import type { Schemas } from './schemas';

/** A webhook, without its secret and the values of its headers. */
export type Webhook = Schemas['Webhook'];

/** What is changed of a webhook: what is not named stays, `null` makes it the default. */
export type WebhookChanges = Schemas['WebhookInput'];

/** One attempt to deliver. */
export type Attempt = Schemas['WebhookAttempt'];

/** What was sent and what came back. */
export interface HttpExchange {
  request: HttpMessage | null;
  response: HttpMessage | null;
}

/** The document calls it an object; a message of HTTP has these members. */
export interface HttpMessage {
  url?: string;
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  truncated?: boolean;
}

export type TestResult = Omit<Schemas['WebhookTest'], keyof HttpExchange> & HttpExchange;

const PATH = '/admin/api/webhooks';

/** Events of which a webhook that names none is told. */
export const DEFAULT_EVENTS = [
  'entry.create',
  'entry.update',
  'entry.delete',
  'entry.publish',
  'entry.unpublish',
  'entry.draft-discard',
  'media.create',
  'media.update',
  'media.delete',
] as const;

/** Events of which only those are told that name them. */
export const OPT_IN_EVENTS = [
  'entry.batch',
  'asset.rights-expiring',
  'asset.rights-expired',
  'asset.rights-restored',
  'asset.purge',
  'consent.withdrawn',
] as const;

/** Whether these are the events of a webhook that names none. */
export function areDefaultEvents(events: readonly string[]): boolean {
  return events.length === DEFAULT_EVENTS.length && DEFAULT_EVENTS.every((event) => events.includes(event));
}

const webhookPath = (id: number): string => `${PATH}/${id}`;

export const webhooksQuery = queryOptions({
  queryKey: ['webhooks'],
  queryFn: async ({ signal }) => (await request<{ data: Webhook[] }>('GET', PATH, { signal })).data,
});

export const webhookQuery = (id: number) =>
  queryOptions({
    queryKey: ['webhooks', id],
    queryFn: async ({ signal }) => (await request<{ data: Webhook }>('GET', webhookPath(id), { signal })).data,
  });

/** The names of the events of plugins that run. */
export const pluginEventsQuery = queryOptions({
  queryKey: ['webhooks', 'plugin-events'],
  queryFn: async ({ signal }) =>
    (await request<{ data: string[] }>('GET', '/admin/api/webhook-events', { signal })).data,
});

/** Makes a webhook; its secret comes with the answer, once. */
export async function createWebhook(webhook: WebhookChanges): Promise<Webhook & { secret?: string }> {
  return (await request<{ data: Webhook & { secret?: string } }>('POST', PATH, { body: webhook })).data;
}

export async function changeWebhook(id: number, changes: WebhookChanges): Promise<Webhook> {
  return (await request<{ data: Webhook }>('PUT', webhookPath(id), { body: changes })).data;
}

export async function deleteWebhook(id: number): Promise<void> {
  await request('DELETE', webhookPath(id));
}

/** A new secret, told once; the one before stays valid for a while. */
export async function rotateSecret(id: number, overlapHours: number): Promise<Webhook & { secret: string }> {
  return (
    await request<{ data: Webhook & { secret: string } }>('POST', `${webhookPath(id)}/rotate-secret`, {
      body: { overlapHours },
    })
  ).data;
}

export async function testWebhook(id: number): Promise<TestResult> {
  return (await request<{ data: TestResult }>('POST', `${webhookPath(id)}/test`)).data;
}

/** Sends again what happens from now on, and what has waited unless it is skipped. */
export async function enableWebhook(id: number, skip: boolean): Promise<Webhook> {
  return (await request<{ data: Webhook }>('POST', `${webhookPath(id)}/enable`, { body: { skip } })).data;
}

export async function disableWebhook(id: number): Promise<Webhook> {
  return (await request<{ data: Webhook }>('POST', `${webhookPath(id)}/disable`, { body: {} })).data;
}

export const attemptsQuery = (id: number, ok: boolean | undefined) =>
  pagesQuery<Attempt>(`${webhookPath(id)}/deliveries`, { ok });

export const attemptQuery = (id: number, attempt: number) =>
  queryOptions({
    queryKey: ['webhooks', String(id), 'deliveries', attempt],
    queryFn: async ({ signal }) =>
      (await request<{ data: Attempt & HttpExchange }>('GET', `${webhookPath(id)}/deliveries/${attempt}`, { signal }))
        .data,
    // What was sent stays what it was.
    staleTime: Number.POSITIVE_INFINITY,
  });

export async function redeliver(id: number, attempt: number): Promise<void> {
  await request('POST', `${webhookPath(id)}/deliveries/${attempt}/redeliver`, { body: {} });
}
