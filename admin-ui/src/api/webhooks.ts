import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import { pagesQuery } from './pages';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

/** A webhook, without its secret and the values of its headers. */
export type Webhook = Schemas['Webhook'];

/** What is changed of a webhook: what is not named stays, `null` makes it the default. */
export type WebhookChanges = Schemas['WebhookInput'];

/** One attempt to deliver. */
export type Attempt = Schemas['WebhookAttempt'];

/** What was sent and what came back. */
export interface Exchange {
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

export type TestResult = Omit<Schemas['WebhookTest'], keyof Exchange> & Exchange;

const PATH = '/admin/api/webhooks';

/** Events of which a webhook that names none is told. */
export const USUAL_EVENTS = [
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
export const NAMED_EVENTS = [
  'entry.batch',
  'asset.rights-expiring',
  'asset.rights-expired',
  'asset.rights-restored',
  'asset.purge',
  'consent.withdrawn',
] as const;

/** Whether these are the events of a webhook that names none. */
export function areUsual(events: readonly string[]): boolean {
  return events.length === USUAL_EVENTS.length && USUAL_EVENTS.every((event) => events.includes(event));
}

const of = (id: number): string => `${PATH}/${id}`;

export const webhooksQuery = queryOptions({
  queryKey: ['webhooks'],
  queryFn: async ({ signal }) => (await request<{ data: Webhook[] }>('GET', PATH, { signal })).data,
});

export const webhookQuery = (id: number) =>
  queryOptions({
    queryKey: ['webhooks', id],
    queryFn: async ({ signal }) => (await request<{ data: Webhook }>('GET', of(id), { signal })).data,
  });

/** Makes a webhook; its secret comes with the answer, once. */
export async function createWebhook(webhook: WebhookChanges): Promise<Webhook & { secret?: string }> {
  return (await request<{ data: Webhook & { secret?: string } }>('POST', PATH, { body: webhook })).data;
}

export async function changeWebhook(id: number, changes: WebhookChanges): Promise<Webhook> {
  return (await request<{ data: Webhook }>('PUT', of(id), { body: changes })).data;
}

export async function deleteWebhook(id: number): Promise<void> {
  await request('DELETE', of(id));
}

/** A new secret, told once; the one before stays valid for a while. */
export async function rotateSecret(id: number, overlapHours: number): Promise<Webhook & { secret: string }> {
  return (
    await request<{ data: Webhook & { secret: string } }>('POST', `${of(id)}/rotate-secret`, { body: { overlapHours } })
  ).data;
}

export async function testWebhook(id: number): Promise<TestResult> {
  return (await request<{ data: TestResult }>('POST', `${of(id)}/test`)).data;
}

/** Sends again what happens from now on, and what has waited unless it is skipped. */
export async function enableWebhook(id: number, skip: boolean): Promise<Webhook> {
  return (await request<{ data: Webhook }>('POST', `${of(id)}/enable`, { body: { skip } })).data;
}

export async function disableWebhook(id: number): Promise<Webhook> {
  return (await request<{ data: Webhook }>('POST', `${of(id)}/disable`, { body: {} })).data;
}

export const attemptsQuery = (id: number, ok: boolean | undefined) =>
  pagesQuery<Attempt>(`${of(id)}/deliveries`, { ok });

export const attemptQuery = (id: number, attempt: number) =>
  queryOptions({
    queryKey: ['webhooks', String(id), 'deliveries', attempt],
    queryFn: async ({ signal }) =>
      (await request<{ data: Attempt & Exchange }>('GET', `${of(id)}/deliveries/${attempt}`, { signal })).data,
    // What was sent stays what it was.
    staleTime: Number.POSITIVE_INFINITY,
  });

export async function redeliver(id: number, attempt: number): Promise<void> {
  await request('POST', `${of(id)}/deliveries/${attempt}/redeliver`, { body: {} });
}
