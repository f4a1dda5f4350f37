import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import { pagesQuery } from './pages';
import type { Schemas } from './schemas';

/** How mail is sent. */
export type MailStatus = Schemas['MailStatus'];

export const MAIL_STATES = [
  'waiting',
  'sent',
  'test',
  'bounced',
  'suppressed',
  'failed',
] as const satisfies readonly MailState[];

export type MailState = Schemas['MailState'];

/** A mail and what became of it. */
export type Mail = Schemas['Mail'];

/** With what it says. */
export type MailDetail = Schemas['WholeMail'];

/** An address that gets no mail. */
export type Suppression = Schemas['Suppression'];

/** The words of a mail. */
export type TemplateParts = Schemas['RenderedTemplate'];

export type TemplateSummary = Schemas['TemplateSummary'];

export type Template = Schemas['Template'];

const MAIL = '/admin/api/mail';
const templatePath = (name: string, locale: string): string =>
  `${MAIL}/templates/${encodeURIComponent(name)}/${encodeURIComponent(locale)}`;

export const mailStatusQuery = queryOptions({
  queryKey: ['mail', 'status'],
  queryFn: async ({ signal }) => (await request<{ data: MailStatus }>('GET', MAIL, { signal })).data,
});

export const mailsQuery = (filter: { state?: MailState; to?: string; template?: string }) =>
  pagesQuery<Mail>('/admin/api/mails', filter);

export const mailDetailQuery = (id: number) =>
  queryOptions({
    queryKey: ['mails', id],
    queryFn: async ({ signal }) =>
      (await request<{ data: MailDetail }>('GET', `/admin/api/mails/${id}`, { signal })).data,
  });

export async function resendMail(id: number): Promise<void> {
  await request('POST', `/admin/api/mails/${id}/send-again`, { body: {} });
}

/** Sends a test mail; answers its number. */
export async function sendTestMail(to: string): Promise<number> {
  return (await request<{ data: { id: number } }>('POST', `${MAIL}/test`, { body: { to } })).data.id;
}

export const suppressionsQuery = () => pagesQuery<Suppression>(`${MAIL}/suppressions`, {}, 'after');

export async function suppressAddress(address: string, detail?: string): Promise<void> {
  await request('POST', `${MAIL}/suppressions`, { body: { address, detail: detail || undefined } });
}

export async function clearSuppression(address: string): Promise<void> {
  await request('DELETE', `${MAIL}/suppressions/${encodeURIComponent(address)}`);
}

export const templatesQuery = queryOptions({
  queryKey: ['mail', 'templates'],
  queryFn: async ({ signal }) =>
    (await request<{ data: TemplateSummary[] }>('GET', `${MAIL}/templates`, { signal })).data,
});

export const templateQuery = (name: string, locale: string) =>
  queryOptions({
    queryKey: ['mail', 'templates', name, locale],
    queryFn: async ({ signal }) =>
      (await request<{ data: Template }>('GET', templatePath(name, locale), { signal })).data,
  });

export async function saveTemplate(name: string, locale: string, parts: TemplateParts): Promise<Template> {
  return (await request<{ data: Template }>('PUT', templatePath(name, locale), { body: parts })).data;
}

/** The built-in words hold again. */
export async function resetTemplate(name: string, locale: string): Promise<Template> {
  return (await request<{ data: Template }>('DELETE', templatePath(name, locale))).data;
}

/** As it would look, with made-up values. */
export async function previewTemplate(
  name: string,
  locale: string,
  parts: TemplateParts,
  signal?: AbortSignal,
): Promise<TemplateParts> {
  return (
    await request<{ data: TemplateParts }>('POST', `${templatePath(name, locale)}/preview`, { body: parts, signal })
  ).data;
}
