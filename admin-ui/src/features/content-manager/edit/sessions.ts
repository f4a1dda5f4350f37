import type { EntryStore } from '@/fields/form/store';
import type { EntrySession } from './session';

const sessions = new WeakMap<EntryStore, EntrySession>();

/** Notes whose values a store holds, for the tools beside fields, which know the form alone. */
export function registerSession(session: EntrySession): void {
  sessions.set(session.store, session);
}

export function sessionOf(store: EntryStore): EntrySession | undefined {
  return sessions.get(store);
}
