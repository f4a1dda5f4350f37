import { readEntry } from '@/api/content';
import { isItem, type Values } from '@/fields/form/values';
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

/** Takes over what another locale has, everything or only what is empty here. One step of undo. Answers how many attributes. */
export async function fillFrom(session: EntrySession, code: string, which: 'all' | 'empty'): Promise<number> {
  const found = await loadLocalised(session, code);
  const names = Object.keys(found).filter(
    (name) => !isEmpty(found[name]) && (which === 'all' || isEmpty(session.store.get(name))),
  );
  if (names.length > 0) session.store.assign(Object.fromEntries(names.map((name) => [name, found[name]])));
  return names.length;
}
