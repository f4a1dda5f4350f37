import type { Attribute } from '@/api/model';
import { isShared } from '@/fields/form/shared';
import { sameValue } from '@/fields/form/values';
import { isEmpty } from '@/fields/shared/checks';
import { copyValue, type FillResult, takeOver } from '../fill';
import type { EntrySession } from '../session';

/** Whether each of two languages has a value of its own that both can show. Passwords are not read by anybody. */
export function hasTwoSides(attribute: Attribute | undefined): boolean {
  return attribute !== undefined && !isShared(attribute) && attribute.type !== 'password';
}

/** Whether a field may be written by copying: slugs are made anew from what each language has. */
function takesCopies({ type }: EntrySession, name: string): boolean {
  const attribute = type.attributes[name];
  const { write } = type.can.fields;
  return hasTwoSides(attribute) && attribute?.type !== 'uid' && (write === null || write.includes(name));
}

/** What copying a field would do: nothing, as there is nothing else to copy; fill it; or replace what is written there. */
export function previewCopy(from: EntrySession, to: EntrySession, name: string): 'nothing' | 'fills' | 'replaces' {
  const [value, old] = [from.store.get(name), to.store.get(name)];
  if (!takesCopies(to, name) || isEmpty(value) || sameValue(value, old)) return 'nothing';
  return isEmpty(old) ? 'fills' : 'replaces';
}

/** Copies a field as it is typed, whether or not it is saved. One step of undo of the language that it goes to. */
export function copyField(from: EntrySession, to: EntrySession, name: string): FillResult {
  return takeOver(to, { [name]: copyValue(from.store.get(name)) }, 'all');
}

/** Copies all fields that are empty on the other side. Nothing that is written there is touched. */
export function fillEmpty(from: EntrySession, to: EntrySession): FillResult {
  const names = Object.keys(to.type.attributes).filter((name) => previewCopy(from, to, name) === 'fills');
  return takeOver(to, Object.fromEntries(names.map((name) => [name, copyValue(from.store.get(name))])), 'empty');
}
