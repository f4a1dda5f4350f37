import { goToField } from '@/fields/form/reveal';
import { toKeys, toPlaces } from '@/fields/form/values';
import type { EntrySession } from '../session';
import { hasTwoSides } from './copyAcross';
import { SIDE_FORM } from './side';

/** The path of the same place in another language: items by their places, as each language has its own. What is not there is its whole field. */
function counterpartOf(from: EntrySession, to: EntrySession, path: string): string {
  const [name = '', ...rest] = toPlaces(from.store.values, path).split('.');
  return toKeys(to.store.values, to.type.attributes, to.model, [name, ...rest]) || name;
}

/** Moves the focus to the same field in the other language. Answers what became of it. */
export function moveAcross(open: EntrySession, beside: EntrySession): 'moved' | 'shared' | 'nowhere' {
  const field = document.activeElement?.closest<HTMLElement>('[data-field]');
  const path = field?.dataset.field;
  if (!field || path === undefined) return 'nowhere';
  if (!hasTwoSides(open.type.attributes[path.split('.')[0] ?? ''])) return 'shared';
  const isBeside = field.closest('[data-beside]') !== null;
  const [from, to] = isBeside ? [beside, open] : [open, beside];
  goToField(to.store, counterpartOf(from, to, path), isBeside ? undefined : SIDE_FORM);
  return 'moved';
}
