import { requestWithHeaders, batchHeaders, request } from './client';
import { type QueryValue, queryString } from './queryString';
import type { ContentType } from './model';
import type { Schemas } from './schemas';

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

/** How a document is in one of its locales. */
export type LocaleState = DocumentState['locales'][number];

/** An entry with what belongs to it. */
export interface LoadedEntry {
  entry: Entry;
  /** The token of this version: what a change to it is made from. */
  version: string;
  state: DocumentState | null;
  /** Rules that values of the draft break, where that was asked. */
  problems: readonly DraftProblem[];
}

/** A rule that a value of a draft breaks: it is saved, and cannot be published. */
export type DraftProblem = Schemas['DraftProblem'];

/** Where a document is in the review of its type. */
export type EntryReview = Schemas['EntryReview'];

export interface EntryList {
  entries: Entry[];
  total: number;
  states: Record<string, DocumentState>;
  /** Empty where the type has no review. */
  reviews: Record<string, EntryReview>;
}

interface EntriesResponse {
  data: Entry[];
  meta: Schemas['EntriesMeta'];
}

interface EntryResponse {
  data: Entry;
  meta?: Partial<Schemas['EntryMeta']>;
}

export type Query = { readonly [key: string]: unknown };

/** The address of a type's entries, of one of them, of an action on it. A single type has no document in its address. */
export function entryPath(type: Pick<ContentType, 'uid' | 'kind'>, documentId?: string, ...rest: string[]): string {
  const parts = documentId === undefined || (type.kind === 'singleType' && rest.length === 0) ? [] : [documentId];
  return ['/admin/api/content', type.uid, ...parts, ...rest]
    .map((part, at) => (at === 0 ? part : encodeURIComponent(part)))
    .join('/');
}

/** A page of entries. */
export async function listEntries(
  type: Pick<ContentType, 'uid' | 'kind'>,
  query: Query,
  signal?: AbortSignal,
): Promise<EntryList> {
  const body = await request<EntriesResponse>('GET', entryPath(type), {
    query: query as Record<string, QueryValue>,
    ...(signal ? { signal } : {}),
  });
  return {
    entries: body.data,
    total: body.meta.pagination?.total ?? body.data.length,
    states: body.meta.states,
    reviews: body.meta.reviews ?? {},
  };
}

/** Entries that have the same values, counted and added up. */
export interface EntryGroup {
  /** The values by their paths; `null` for those without one. */
  group: Record<string, string | number | boolean | null>;
  count?: number;
  /** By the paths of what is added up. Decimals may be texts. */
  sum?: Record<string, number | string | null>;
  /** By the paths of what averages are of. */
  average?: Record<string, number | string | null>;
  median?: Record<string, number | string | null>;
}

/** Groups that one answer holds. */
const MAX_GROUPS = 1000;

/** Counts entries and adds up their numbers (`count`, `sum.price`), by the values at paths. */
export async function aggregateEntries(
  type: Pick<ContentType, 'uid' | 'kind'>,
  query: Query,
  { groupBy, measures }: { groupBy: readonly string[]; measures: readonly string[] },
  signal?: AbortSignal,
): Promise<EntryGroup[]> {
  const { data } = await request<{ data: EntryGroup[] }>('GET', `${entryPath(type)}/aggregates`, {
    query: { ...(query as Record<string, QueryValue>), groupBy, measures, limit: MAX_GROUPS },
    ...(signal ? { signal } : {}),
  });
  return data;
}

/** Which of these texts other documents have in an attribute, as drafts or published; at most as many as a page has entries. */
export async function findTakenValues(
  type: ContentType,
  name: string,
  values: readonly string[],
  options: { locale: string | undefined; documentId: string | undefined },
): Promise<Set<string>> {
  const { find, fields } = type.can;
  if (type.kind === 'singleType' || !find || !(fields.read?.includes(name) ?? true)) return new Set();
  const query = {
    fields: [name],
    filters: { [name]: { $in: values }, ...(options.documentId ? { documentId: { $ne: options.documentId } } : {}) },
    pagination: { pageSize: 100, withCount: false },
    ...(type.localized && options.locale ? { locale: options.locale } : {}),
  };
  // A draft may have given up what is published.
  const queries = type.draftAndPublish
    ? (['draft', 'published'] as const).map((status) => ({ ...query, status }))
    : [query];
  const lists = await Promise.all(queries.map((each) => listEntries(type, each)));
  return new Set(
    lists.flatMap(({ entries }) => entries.map((entry) => String((entry as Record<string, unknown>)[name]))),
  );
}

/** How what is listed can be written into a file. */
export const EXPORT_FORMATS = ['csv', 'json', 'ndjson'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The address of a file with all that a query finds. */
export function exportAddress(type: Pick<ContentType, 'uid' | 'kind'>, format: ExportFormat, query: Query): string {
  return `${entryPath(type)}/export?${queryString({ ...(query as Record<string, QueryValue>), format })}`;
}

function toLoadedEntry(answer: { body: EntryResponse; headers: Headers }): LoadedEntry {
  const { data, meta } = answer.body;
  const version = answer.headers.get('Cairn-Version');
  // Without it nobody would notice that somebody else saved in between.
  if (version === null) throw new Error('The answer has no Cairn-Version: does a proxy take headers away?');
  return {
    entry: data,
    version,
    state: meta?.states?.[data.documentId] ?? null,
    problems: meta?.problems ?? [],
  };
}

/** One entry with all that is edited on its page. */
export async function readEntry(
  type: ContentType,
  documentId: string,
  options: { locale?: string | undefined; status?: 'draft' | 'published'; signal?: AbortSignal } = {},
): Promise<LoadedEntry> {
  const query = {
    populate: 'everything',
    ...(options.locale ? { locale: options.locale } : {}),
    ...(options.status ? { status: options.status } : {}),
  };
  const requestOptions = { query, ...(options.signal ? { signal: options.signal } : {}) };
  return toLoadedEntry(await requestWithHeaders<EntryResponse>('GET', entryPath(type, documentId), requestOptions));
}

/**
 * What a change is made from: the version that was seen, that there is none yet, or whatever is there. Where it is otherwise by now
 * the server refuses the change (409), and where nothing is said as well (428).
 */
export type Precondition = { readonly version: string } | 'absent' | 'any';

/** What a change to a listed entry is made from: its version, or whatever is there where that is not known. */
export function preconditionOf(version: number | undefined): Precondition {
  return version === undefined ? 'any' : { version: String(version) };
}

export interface WriteOptions {
  precondition: Precondition;
  locale?: string | undefined;
  /** Saved by the page itself: history folds such saves together. */
  autosave?: boolean;
  /** Values that break a rule are stored all the same, and named in the answer: of drafts only. */
  keepInvalid?: boolean;
}

/** The headers that say what a change is made from. */
export function preconditionHeaders(precondition: Precondition): Record<string, string> {
  if (precondition === 'absent') return { 'If-None-Match': '*' };
  return { 'If-Match': precondition === 'any' ? '*' : `"${precondition.version.replaceAll('"', '')}"` };
}

/** Saves the draft. Without a `documentId` it makes the document; that of a single type only where the precondition holds. */
export async function saveEntry(
  type: ContentType,
  documentId: string | undefined,
  data: Record<string, unknown>,
  options: WriteOptions,
): Promise<LoadedEntry> {
  const query = { populate: 'everything', ...(options.locale ? { locale: options.locale } : {}) };
  const create = documentId === undefined && type.kind === 'collectionType';
  const headers = {
    ...(create ? {} : preconditionHeaders(options.precondition)),
    ...(options.autosave ? { 'Cairn-Autosave': 'true' } : {}),
    ...(options.keepInvalid ? { 'Cairn-Keep-Invalid': 'true' } : {}),
  };
  const writeOptions = { query, body: { data }, headers };
  return toLoadedEntry(
    await requestWithHeaders<EntryResponse>(create ? 'POST' : 'PUT', entryPath(type, documentId), writeOptions),
  );
}

/** Deletes a document, or one locale of it; the version in the precondition is one of those that go. */
export async function deleteEntry(
  type: ContentType,
  documentId: string,
  locale: string | undefined,
  precondition: Exclude<Precondition, 'absent'>,
): Promise<void> {
  await request('DELETE', entryPath(type, documentId), {
    query: locale ? { locale } : {},
    headers: preconditionHeaders(precondition),
  });
}

export type EntryAction = 'publish' | 'unpublish' | 'discard-draft';

/** Publishes, unpublishes, or discards the draft. A version is of one locale: of several, `any`. */
export async function runEntryAction(
  type: Pick<ContentType, 'uid' | 'kind'>,
  documentId: string,
  action: EntryAction,
  body: { locales?: string[] | '*' },
  precondition: Exclude<Precondition, 'absent'>,
): Promise<{ data: unknown; meta?: unknown }> {
  return request('POST', entryPath(type, documentId, 'actions', action), {
    body,
    headers: preconditionHeaders(precondition),
  });
}

/** A new draft with the same values, in one locale; answers the new document's id. */
export async function duplicateEntry(
  type: ContentType,
  documentId: string,
  locale?: string,
  batch?: string,
): Promise<string> {
  const body = await request<{ data: Entry }>('POST', entryPath(type, documentId, 'duplicate'), {
    body: locale ? { locale } : {},
    ...batchHeaders(batch),
  });
  return body.data.documentId;
}
