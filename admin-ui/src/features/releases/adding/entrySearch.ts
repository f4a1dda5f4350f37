import { type DocumentStatus, type Entry, listEntries, type Query, readEntry } from '@/api/content';
import { ApiError } from '@/api/client';
import type { ContentType } from '@/api/model';
import { titleOf } from '@/views/cells/Card';
import { titleFields } from '@/views/fieldPath';

/** What is looked for among the entries of all types. An empty list does not narrow. */
export interface EntrySearch {
  words: string;
  /** Uids of content types. */
  types: readonly string[];
  locales: readonly string[];
  states: readonly DocumentStatus[];
}

/** An entry that was found, in one language. */
export interface FoundEntry {
  key: string;
  type: ContentType;
  documentId: string;
  /** `null` where its type is not localised. */
  locale: string | null;
  title: string;
  status: DocumentStatus | undefined;
  updatedAt: string;
}

/** One request of a search: the entries of a type, in a language, in a state. */
export interface SearchPart {
  type: ContentType;
  locale: string | null;
  state: DocumentStatus | null;
  words: string;
}

export interface FoundEntries {
  entries: FoundEntry[];
  total: number;
}

/** Entries that one part of a search answers. */
const PART_SIZE = 25;

/** Number of states that an entry can be in: a choice of all of them is none. */
const STATES = 3;

/** Names an entry in a language, as releases list it. */
export function itemKey(item: { contentType: string; documentId: string; locale: string | null }): string {
  return `${item.contentType} ${item.documentId} ${item.locale ?? ''}`;
}

/** Types whose entries can be in a release, apart from what somebody may do with them. */
export function releasableTypes(types: readonly ContentType[]): ContentType[] {
  return types.filter((type) => type.draftAndPublish && type.can.find);
}

/** The requests of a search: one for each type, language and state that it asks for. */
export function searchParts(
  types: readonly ContentType[],
  { words, types: uids, locales, states }: EntrySearch,
  defaultLocale: string,
): SearchPart[] {
  const asked = types.filter(({ uid }) => uids.length === 0 || uids.includes(uid));
  const partStates = states.length === 0 || states.length === STATES ? [null] : states;
  return asked.flatMap((type) => {
    const partLocales = !type.localized ? [null] : locales.length === 0 ? [defaultLocale] : locales;
    return partLocales.flatMap((locale) =>
      partStates.map((state): SearchPart => ({ type, locale, state, words: words.trim() })),
    );
  });
}

/** The query of a part for a collection: titles that have the words, what was changed last first. */
export function partQuery({ type, locale, state, words }: SearchPart): Query {
  const titles = titleFields(type);
  const search =
    words === ''
      ? {}
      : titles.length === 0
        ? { _q: words }
        : { filters: { $or: titles.map((field) => ({ [field]: { $containsi: words } })) } };
  return {
    ...search,
    fields: [...titles, 'updatedAt'],
    sort: ['updatedAt:desc'],
    pagination: { pageSize: PART_SIZE },
    ...(locale === null ? {} : { locale }),
    ...(state === null ? {} : { standing: state }),
  };
}

/** Finds the entries of one part of a search. */
export async function findPart(part: SearchPart, signal: AbortSignal): Promise<FoundEntries> {
  const { type, locale } = part;
  const toFound = (entry: Entry, status: DocumentStatus | undefined, title: string): FoundEntry => ({
    key: itemKey({ contentType: type.uid, documentId: entry.documentId, locale }),
    type,
    documentId: entry.documentId,
    locale,
    title,
    status,
    updatedAt: entry.updatedAt ?? '',
  });
  if (type.kind === 'singleType') {
    const found = await findSingle(part, signal);
    return found
      ? { entries: [toFound(found.entry, found.status, type.info.displayName)], total: 1 }
      : { entries: [], total: 0 };
  }
  const { entries, states, total } = await listEntries(type, partQuery(part), signal);
  return {
    entries: entries.map((entry) => toFound(entry, states[entry.documentId]?.status, titleOf(type, entry))),
    total,
  };
}

/** The one entry of a single type, which is called as its type is; nothing where the search does not mean it. */
async function findSingle(
  { type, locale, state, words }: SearchPart,
  signal: AbortSignal,
): Promise<{ entry: Entry; status: DocumentStatus | undefined } | null> {
  if (!type.info.displayName.toLocaleLowerCase().includes(words.toLocaleLowerCase())) return null;
  try {
    const loaded = await readEntry(type, '', { locale: locale ?? undefined, signal });
    const status = loaded.state?.status;
    return state === null || state === status ? { entry: loaded.entry, status } : null;
  } catch (error) {
    // It has not been written yet.
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** Entries of all parts together, what was changed last first; `limit`: as many as are shown. */
export function mergeFound(parts: readonly (FoundEntries | undefined)[], limit: number): FoundEntries {
  const entries = parts
    .flatMap((part) => part?.entries ?? [])
    .toSorted((one, other) => other.updatedAt.localeCompare(one.updatedAt));
  return { entries: entries.slice(0, limit), total: parts.reduce((sum, part) => sum + (part?.total ?? 0), 0) };
}
