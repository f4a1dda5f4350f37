import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import { pagesQuery } from './pages';

/** How mail is sent. Replaced by the generated type once the route is described. */
export interface MailStatus {
  mode: string;
  from: { name: string; address: string };
  counts: Partial<Record<MailState, number>>;
  bounces: { url: string; secret: string };
}

export const MAIL_STATES = ['waiting', 'sent', 'test', 'bounced', 'suppressed', 'failed'] as const;

export type MailState = (typeof MAIL_STATES)[number];

/** A mail and what became of it. Replaced by the generated type once the route is described. */
export interface Mail {
  id: number;
  template: string;
  locale: string | null;
  to: string;
  toName: string | null;
  subject: string | null;
  state: MailState;
  attempts: number;
  error: string | null;
  messageId: string | null;
  at: string;
  endedAt: string | null;
}

/** With what it says. */
export interface OpenedMail extends Mail {
  replyTo: string | null;
  headers: [string, string][] | null;
  text: string | null;
  html: string | null;
}

/** An address that gets no mail. */
export interface Suppression {
  address: string;
  reason: string;
  detail: string | null;
  mail: number | null;
  at: string;
}

/** The words of a mail. */
export interface TemplateParts {
  subject: string;
  text: string;
  html: string;
}

export interface TemplateListed {
  name: string;
  builtIn: string[];
  /** Locales with words of the project's own. */
  own: string[];
  variables: string[];
}

export interface Template extends TemplateParts {
  name: string;
  locale: string;
  own: boolean;
  updatedAt: string | null;
  updatedBy: string | null;
  variables: string[];
}

const MAIL = '/admin/api/mail';
const template = (name: string, locale: string): string => `${MAIL}/templates/${encodeURIComponent(name)}/${encodeURIComponent(locale)}`;

export const mailStatusQuery = queryOptions({
  queryKey: ['mail', 'status'],
  queryFn: async ({ signal }) => (await request<{ data: MailStatus }>('GET', MAIL, { signal })).data,
});

export const mailsQuery = (filter: { state?: MailState; to?: string; template?: string }) => pagesQuery<Mail>('/admin/api/mails', filter);

export const openedMailQuery = (id: number) =>
  queryOptions({
    queryKey: ['mails', id],
    queryFn: async ({ signal }) => (await request<{ data: OpenedMail }>('GET', `/admin/api/mails/${id}`, { signal })).data,
  });

export async function sendAgain(id: number): Promise<void> {
  await request('POST', `/admin/api/mails/${id}/send-again`, { body: {} });
}

/** Sends a test mail; answers its number. */
export async function sendTestMail(to: string): Promise<number> {
  return (await request<{ data: { id: number } }>('POST', `${MAIL}/test`, { body: { to } })).data.id;
}

export const suppressionsQuery = () => pagesQuery<Suppression>(`${MAIL}/suppressions`, {}, 'after');

export async function suppress(address: string, detail?: string): Promise<void> {
  await request('POST', `${MAIL}/suppressions`, { body: { address, detail: detail || undefined } });
}

export async function clearSuppression(address: string): Promise<void> {
  await request('DELETE', `${MAIL}/suppressions/${encodeURIComponent(address)}`);
}

export const templatesQuery = queryOptions({
  queryKey: ['mail', 'templates'],
  queryFn: async ({ signal }) => (await request<{ data: TemplateListed[] }>('GET', `${MAIL}/templates`, { signal })).data,
});

export const templateQuery = (name: string, locale: string) =>
  queryOptions({
    queryKey: ['mail', 'templates', name, locale],
    queryFn: async ({ signal }) => (await request<{ data: Template }>('GET', template(name, locale), { signal })).data,
  });

export async function saveTemplate(name: string, locale: string, parts: TemplateParts): Promise<Template> {
  return (await request<{ data: Template }>('PUT', template(name, locale), { body: parts })).data;
}

/** The built-in words hold again. */
export async function resetTemplate(name: string, locale: string): Promise<Template> {
  return (await request<{ data: Template }>('DELETE', template(name, locale))).data;
}

/** As it would look, with made-up values. */
export async function previewTemplate(name: string, locale: string, parts: TemplateParts, signal?: AbortSignal): Promise<TemplateParts> {
  return (await request<{ data: TemplateParts }>('POST', `${template(name, locale)}/preview`, { body: parts, signal })).data;
}
