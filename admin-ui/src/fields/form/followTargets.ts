import type { Attribute, Attributes } from '@/api/model';
import { slugOf } from '../uid/slug';
import type { EntryStore } from './store';
import type { Values } from './values';

/** The names for addresses that are made of another attribute, each with the name of that one. */
function targetsOf(attributes: Attributes): [name: string, attribute: Attribute, target: string][] {
  return Object.entries(attributes).flatMap(([name, attribute]) =>
    attribute.type === 'uid' && attribute.targetField && attribute.targetField in attributes
      ? [[name, attribute, attribute.targetField]]
      : [],
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function makeSlug(attribute: Attribute, text: string): string {
  return slugOf(text).slice(0, attribute.maxLength).replace(/-+$/, '');
}

/** Makes what is empty of the names for addresses, for the values that an entry begins with. */
export function fillTargets(attributes: Attributes, values: Values): void {
  for (const [name, attribute, target] of targetsOf(attributes))
    if (!values[name]) values[name] = makeSlug(attribute, textOf(values[target])) || null;
}

/**
 * Lets each name for addresses follow the attribute that it is made of, such as the title, while that is typed: until somebody gives
 * it another value. `mayFollow` says whether it may still change. Answers how to end it.
 */
export function followTargets(
  store: EntryStore,
  attributes: Attributes,
  mayFollow: (name: string) => boolean,
): () => void {
  const followers = targetsOf(attributes);
  if (followers.length === 0) return () => {};
  const last = new Map(followers.map(([name, , target]) => [name, textOf(store.get(target))]));
  return store.subscribeAll(() => {
    for (const [name, attribute, target] of followers) {
      const [before, now] = [last.get(name) ?? '', textOf(store.get(target))];
      if (before === now) continue;
      last.set(name, now);
      const slug = textOf(store.get(name));
      if ((slug === '' || slug === makeSlug(attribute, before)) && mayFollow(name))
        store.follow(name, makeSlug(attribute, now) || null);
    }
  });
}

/** The names of those that a form sends beside its own fields, as they follow one of these. */
export function followersOf(attributes: Attributes, fields: readonly string[]): string[] {
  return targetsOf(attributes).flatMap(([name, , target]) =>
    fields.includes(target) && !fields.includes(name) ? [name] : [],
  );
}
