import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

/** A language of content. */
export type Locale = Schemas['Locale'];

const PATH = '/admin/api/locales';

export const localesQuery = queryOptions({
  queryKey: ['locales'],
  queryFn: async ({ signal }) => (await request<{ data: Locale[] }>('GET', PATH, { signal })).data,
});

export async function addLocale(code: string): Promise<void> {
  await request('POST', PATH, { body: { code } });
}

export async function makeDefaultLocale(code: string): Promise<void> {
  await request('PUT', `${PATH}/${encodeURIComponent(code)}`, { body: { isDefault: true } });
}

/** Takes it away; documents in it stay stored, and are there again with it. */
export async function removeLocale(code: string): Promise<void> {
  await request('DELETE', `${PATH}/${encodeURIComponent(code)}`);
}
