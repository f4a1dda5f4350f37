import type { Api } from '../harness';
import { ADMIN } from '../harness';
import { waitForValue } from '../harness/patience';

/** The people of the projects in the pictures. */
export const ANNA = { ...ADMIN, firstName: 'Anna', lastName: 'de Vries', roles: ['super-admin'] };

/** Settings of such a project: English first, and a zone in which the pictures are taken. */
export const ENGLISH = { locales: { default: 'en', available: ['en', 'nl'] }, theme: { zone: 'Europe/Amsterdam' } };

/** The day so many days from today, as a field takes it. */
export function dayIn(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

/** Headers of the administrator for routes of plugins that only people may call. */
export async function personHeaders(api: Api): Promise<Record<string, string>> {
  const { token } = await api.admin<{ token: string }>('POST', '/login', {
    email: ADMIN.email,
    password: ADMIN.password,
    token: true,
  });
  return { Authorization: `Bearer ${token}` };
}

/** Asks the content API or a route of a plugin, again while it is busy; anything but success is an error. */
export async function call<Data = Record<string, unknown>>(
  api: Api,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
  method = 'POST',
): Promise<Data> {
  return waitForValue(async () => {
    const answer = await api.ask<Data>(method, path, body, headers);
    if (answer.status === 503) return undefined;
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer)}`);
    return answer.data;
  });
}

/** Gives entries other values, found by a field: `rename(api, uid, 'key', { bruiloften: { name: 'Weddings' } })`. */
export async function rename(
  api: Api,
  uid: string,
  field: string,
  values: Record<string, Record<string, unknown>>,
): Promise<void> {
  const entries = await api.admin<Record<string, string>[]>('GET', `/content/${uid}?pagination[pageSize]=100`);
  for (const entry of entries) {
    const data = values[entry[field] ?? ''];
    // One after the other: they lock the same schema.
    // eslint-disable-next-line no-await-in-loop
    if (data) await api.admin('PUT', `/content/${uid}/${entry.documentId}`, { data });
  }
}

/** Sets the settings of a plugin. */
export async function setPlugin(api: Api, id: string, values: object): Promise<void> {
  await api.admin('PUT', `/plugins/${id}/settings`, { values });
}

/** The path that a pattern finds in the newest mail to somebody; `undefined` while there is none. */
export async function findMailedPath(api: Api, to: string, pattern: RegExp): Promise<string | undefined> {
  for (const { id } of await api.admin<{ id: number }[]>('GET', `/mails?to=${to}`)) {
    // eslint-disable-next-line no-await-in-loop
    const { text = '' } = await api.admin<{ text?: string }>('GET', `/mails/${id}`);
    const found = pattern.exec(text);
    if (found) return found[0];
  }
  return undefined;
}
