import { readEntry } from '@/api/content';
import { isItem, sameValue, type Values } from '@/fields/form/values';
import { copyItem, fromServer } from '@/fields/form/wire';
import { isEmpty } from '@/fields/shared/checks';
import type { EntrySession } from './session';

/** A value for another locale. Components are copies: those of there stay there. */
export function copyValue(value: unknown): unknown {
  if (isItem(value)) return copyItem(value);
  return Array.isArray(value) ? value.map(copyValue) : value;
}

/** What another locale has in the attributes that each locale has of its own, and that may be written here. */
export async function loadLocalised(session: EntrySession, code: string): Promise<Values> {
  const { type, model } = session;
  const read = await readEntry(type, session.documentId ?? '', { locale: code });
  const { values } = fromServer(model, type.attributes, read.entry);
  const { write } = type.can.fields;
  const names = Object.keys(type.attributes).filter((name) => {
    const attribute = type.attributes[name];
    const own =
      attribute?.pluginOptions?.i18n?.localized === true && attribute.type !== 'password' && attribute.type !== 'uid';
    return own && (write === null || write.includes(name));
  });
  return Object.fromEntries(
    names.filter((name) => values[name] !== undefined).map((name) => [name, copyValue(values[name])]),
  );
}

/** The attributes in which what is written here would give way to what was found in another locale. */
export function overwrittenBy(session: EntrySession, found: Values): string[] {
  return Object.keys(found).filter((name) => {
    const own = session.store.get(name);
    return !isEmpty(found[name]) && !isEmpty(own) && !sameValue(found[name], own);
  });
}

/** What was taken over, and what takes it back. */
export interface FillResult {
  count: number;
  /** Leaves alone what was written since. */
  undo: () => Promise<void>;
}

/** Takes over what was found in another locale, everything or only what is empty here. One step of undo. */
export function takeOver(session: EntrySession, found: Values, which: 'all' | 'empty'): FillResult {
  const { store } = session;
  const before = store.values;
  const names = Object.keys(found).filter(
    (name) =>
      !isEmpty(found[name]) && (which === 'all' || isEmpty(before[name])) && !sameValue(found[name], before[name]),
  );
  if (names.length > 0) store.assign(Object.fromEntries(names.map((name) => [name, found[name]])));
  const undo = async () => {
    const untouched = names.filter((name) => sameValue(store.get(name), found[name]));
    await session.giveBack(Object.fromEntries(untouched.map((name) => [name, before[name]])));
  };
  return { count: names.length, undo };
}
