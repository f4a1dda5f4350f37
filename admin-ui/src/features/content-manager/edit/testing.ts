import type { DocumentState, Entry, LoadedEntry } from '@/api/content';
import type { ContentType } from '@/api/model';
import { testModel } from '@/views/testModel';
import { EntrySession } from './session';

// For tests alone: nothing of the product imports this.

/** The state of a draft in English and in Dutch. */
export const inTwoLanguages: DocumentState = {
  status: 'draft',
  version: 1,
  locales: [
    { locale: 'en', status: 'draft' },
    { locale: 'nl', status: 'draft' },
  ],
};

/** An entry with these values, as the server answers it. */
export function loadedEntry(values: object, more: Partial<LoadedEntry> = {}): LoadedEntry {
  const entry = { id: 1, documentId: 'd', ...values } as unknown as Entry;
  const state: DocumentState = { status: 'modified', version: 1, locales: [] };
  return { entry, version: '1', state, problems: [], ...more };
}

/** A session of an entry, which is not started yet. */
export function openSession(type: ContentType, read: LoadedEntry, locale?: string): EntrySession {
  return new EntrySession({ model: testModel, type, documentId: 'd', locale, read, initial: {}, copyKey: 'k' });
}
