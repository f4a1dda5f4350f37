import { exchange, inBatch, request } from './client';
import { type QueryValue, queryString } from './queryString';
import type { ContentType } from './model';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

/** An entry as the admin API answers it: Strapi's fields and the attributes. */
export type Entry = Schemas['Entry'] & {
  // The document says that an entry has more members; these are the ones that every type may have.
  locale?: string | null;
  createdAt?: string;
  updatedAt?: string;
  publishedAt?: string | null;
};

export type DocumentStatus = Schemas['EntryStatus'];

/** How far a document is, over its locales. */
export type DocumentState = Schemas['EntryState'];

/** An entry with what belongs to it. */
export interface ReadEntry {
  entry: Entry;
  /** The token of this version, for `If-Match`. */
  version: string | null;
  state: DocumentState | null;
}

/** Where a document is in the review of its type. */
export type EntryReview = Schemas['EntryReview'];

export interface EntryList {
  entries: Entry[];
  total: number;
  states: Record<string, DocumentState>;
  /** Empty where the type has no review. */
  reviews: Record<string, EntryReview>;
}

interface ListBody {
  data: Entry[];
  meta: Schemas['EntriesMeta'];
}

interface OneBody {
  data: Entry;
  meta?: Schemas['EntryMeta'];
}

export type Query = { readonly [key: string]: unknown };

/** The address of a type's entries, of one of them, of an action on it. A single type has no document in its address. */
function address(type: Pick<ContentType, 'uid' | 'kind'>, documentId?: string, ...rest: string[]): string {
  const parts = documentId === undefined || (type.kind === 'singleType' && rest.length === 0) ? [] : [documentId];
  return ['/admin/api/content', type.uid, ...parts, ...rest].map((part, at) => (at === 0 ? part : encodeURIComponent(part))).join('/');
}

/** A page of entries. */
export async function listEntries(type: Pick<ContentType, 'uid' | 'kind'>, query: Query, signal?: AbortSignal): Promise<EntryList> {
  const body = await request<ListBody>('GET', address(type), { query: query as Record<string, QueryValue>, ...(signal ? { signal } : {}) });
  return { entries: body.data, total: body.meta.pagination?.total ?? body.data.length, states: body.meta.states, reviews: body.meta.reviews ?? {} };
}

/** How what is listed can be written into a file. */
export const EXPORT_FORMATS = ['csv', 'json', 'ndjson'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The address of a file with all that a query finds. */
export function exportAddress(type: Pick<ContentType, 'uid' | 'kind'>, format: ExportFormat, query: Query): string {
  return `${address(type)}/export?${queryString({ ...(query as Record<string, QueryValue>), format })}`;
}

function read(answer: { body: OneBody; headers: Headers }): ReadEntry {
  const { data, meta } = answer.body;
  return {
    entry: data,
    version: answer.headers.get('Cairn-Version'),
    state: meta?.states[data.documentId] ?? null,
  };
}

/** One entry with all that is edited on its page. */
export async function readEntry(
  type: ContentType,
  documentId: string,
  options: { locale?: string | undefined; status?: 'draft' | 'published'; signal?: AbortSignal } = {},
): Promise<ReadEntry> {
  const query = {
    populate: 'everything',
    ...(options.locale ? { locale: options.locale } : {}),
    ...(options.status ? { status: options.status } : {}),
  };
  const sent = { query, ...(options.signal ? { signal: options.signal } : {}) };
  return read(await exchange<OneBody>('GET', address(type, documentId), sent));
}

export interface WriteOptions {
  locale?: string | undefined;
  /** The version that was seen; the write is refused (409) where there is a newer one. */
  version?: string | null;
  /** Saved by the page itself: history folds such saves together. */
  autosave?: boolean;
}

function writeHeaders(options: WriteOptions): Record<string, string> {
  return {
    ...(options.version ? { 'If-Match': `"${options.version.replaceAll('"', '')}"` } : {}),
    ...(options.autosave ? { 'Cairn-Autosave': 'true' } : {}),
  };
}

/** Saves the draft. Without a `documentId` it makes the document. */
export async function saveEntry(
  type: ContentType,
  documentId: string | undefined,
  data: Record<string, unknown>,
  options: WriteOptions = {},
): Promise<ReadEntry> {
  const query = { populate: 'everything', ...(options.locale ? { locale: options.locale } : {}) };
  const create = documentId === undefined && type.kind === 'collectionType';
  const sent = { query, body: { data }, headers: writeHeaders(options) };
  return read(await exchange<OneBody>(create ? 'POST' : 'PUT', address(type, documentId), sent));
}

export async function deleteEntry(type: ContentType, documentId: string, locale?: string): Promise<void> {
  await request('DELETE', address(type, documentId), { query: locale ? { locale } : {} });
}

export type Action = 'publish' | 'unpublish' | 'discard-draft';

/** Publishes, unpublishes, or discards the draft. */
export async function act(
  type: Pick<ContentType, 'uid' | 'kind'>,
  documentId: string,
  action: Action,
  body: { locales?: string[] | '*' } = {},
  version?: string | null,
): Promise<{ data: unknown; meta?: unknown }> {
  return request('POST', address(type, documentId, 'actions', action), { body, headers: writeHeaders({ version: version ?? null }) });
}

/** A new draft with the same values, in one locale; answers the new document's id. */
export async function duplicateEntry(type: ContentType, documentId: string, locale?: string, batch?: string): Promise<string> {
  const body = await request<{ data: Entry }>('POST', address(type, documentId, 'duplicate'), { body: locale ? { locale } : {}, ...inBatch(batch) });
  return body.data.documentId;
}
