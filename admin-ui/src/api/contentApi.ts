import { requestFile } from './client';
import { entryPath } from './content';
import type { ContentType } from './model';
import { queryString } from './queryString';

/** A version of an entry in a locale. */
interface EntryVersion {
  locale?: string | undefined;
  status?: 'draft' | 'published' | undefined;
}

/** The address of an entry in the content API, with what `populate=*` adds to it if that is asked for. */
export function contentApiAddress(
  { route, kind }: Pick<ContentType, 'route' | 'kind'>,
  documentId: string,
  { locale, status, populate }: EntryVersion & { populate?: '*' } = {},
): string {
  const path = kind === 'singleType' ? `/api/${route}` : `/api/${route}/${encodeURIComponent(documentId)}`;
  const query = queryString({ locale, status, populate });
  return new URL(query === '' ? path : `${path}?${query}`, window.location.origin).href;
}

/** What the admin API answers to the same request, as text: numbers have all the digits that they have there. */
export async function readEntryText(
  type: ContentType,
  documentId: string,
  version: EntryVersion,
  signal?: AbortSignal,
): Promise<string> {
  const query = { ...version, populate: '*' };
  const answer = await requestFile('GET', entryPath(type, documentId), { query, ...(signal ? { signal } : {}) });
  return answer.text();
}
