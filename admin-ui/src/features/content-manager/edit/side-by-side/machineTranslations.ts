import { sameValue } from '@/fields/form/values';
import type { EntrySession } from '../session';

/** What a machine wrote, by attribute: as long as the page is open, and nobody changed it. */
const written = new WeakMap<EntrySession, Map<string, unknown>>();

/** Notes that a machine wrote the values, before they are put into the form. */
export function noteMachineTranslation(session: EntrySession, values: Readonly<Record<string, unknown>>): void {
  const marks = written.get(session) ?? new Map<string, unknown>();
  written.set(session, marks);
  for (const [name, value] of Object.entries(values)) marks.set(name, value);
}

/** Whether an attribute is as a machine wrote it. */
export function isMachineTranslated(session: EntrySession, name: string): boolean {
  const marks = written.get(session);
  return marks?.has(name) === true && sameValue(marks.get(name), session.store.get(name));
}
