import type { Attribute, Attributes, Model } from '@/api/model';
import { attributesOf, isItem, type Item, sameValue, setAt, type Values } from '@/fields/form/values';
import { isMadeOf } from '@/fields/uid/slug';

/** A place that two people changed, each to something else. */
export interface Conflict {
  path: string;
  base: unknown;
  mine: unknown;
  theirs: unknown;
  /** Names for addresses that both made of it, and what they made. */
  followers?: { path: string; theirs: unknown }[];
}

export interface MergeResult {
  /** What both changed, put together; where they disagree, mine. */
  values: Values;
  conflicts: Conflict[];
}

/**
 * Puts together what was changed here and what was changed elsewhere since both were the same (`base`): by attribute, inside
 * of components by theirs, inside of lists by item where nobody moved, added or took one away. What only one of them touched
 * is taken from that one. A name for addresses that both made of another attribute goes with that one. Items have the same keys in
 * all three.
 */
export function merge(model: Model, attributes: Attributes, base: Values, mine: Values, theirs: Values): MergeResult {
  const conflicts: Conflict[] = [];
  return { values: mergeValues(model, attributes, base, mine, theirs, '', conflicts), conflicts };
}

/** Values with their side of a conflict. */
export function takeTheirs(values: Values, conflict: Conflict): Values {
  return [conflict, ...(conflict.followers ?? [])].reduce(
    (taken, { path, theirs }) => setAt(taken, path, theirs) as Values,
    values,
  );
}

function mergeValues(
  model: Model,
  attributes: Attributes,
  base: Values,
  mine: Values,
  theirs: Values,
  at: string,
  conflicts: Conflict[],
): Values {
  const values: Values = { ...mine };
  const pathOf = (name: string) => (at === '' ? name : `${at}.${name}`);
  const followers: [name: string, target: string][] = [];
  for (const [name, attribute] of Object.entries(attributes)) {
    const target = attribute.targetField;
    const differs = [mine, theirs].every((side) => !sameValue(side[name], base[name]));
    if (
      target &&
      target in attributes &&
      differs &&
      [mine, theirs].every((side) => isFollower(attribute, name, side))
    ) {
      followers.push([name, target]);
      continue;
    }
    const divided = attribute.type === 'component' || attribute.type === 'dynamiczone';
    values[name] = mergeValue(model, base[name], mine[name], theirs[name], pathOf(name), divided, conflicts);
  }
  for (const [name, target] of followers) {
    const isTheirs = sameValue(values[target], theirs[target]);
    values[name] = isTheirs ? theirs[name] : mine[name];
    const conflict = conflicts.find(({ path }) => path === pathOf(target));
    if (conflict) conflict.followers = [...(conflict.followers ?? []), { path: pathOf(name), theirs: theirs[name] }];
  }
  return values;
}

/** Whether a name for addresses was made of the attribute that it is made of. */
function isFollower(attribute: Attribute, name: string, values: Values): boolean {
  const [text, slug] = [values[attribute.targetField ?? ''] ?? '', values[name] ?? ''];
  return (
    attribute.type === 'uid' && typeof text === 'string' && typeof slug === 'string' && isMadeOf(attribute, text, slug)
  );
}

function mergeValue(
  model: Model,
  base: unknown,
  mine: unknown,
  theirs: unknown,
  path: string,
  divided: boolean,
  conflicts: Conflict[],
): unknown {
  if (mine === base || sameValue(mine, base)) return theirs;
  if (sameValue(theirs, base) || sameValue(theirs, mine)) return mine;
  if (divided && isItem(base) && isItem(mine) && isItem(theirs))
    return mergeItem(model, base, mine, theirs, path, conflicts);
  if (divided && isItems(base) && isItems(mine) && isItems(theirs) && sameKeys(base, mine) && sameKeys(base, theirs)) {
    return mine.map((item, index) => {
      const [before, other] = [base[index], theirs[index]];
      return before && other ? mergeItem(model, before, item, other, `${path}.#${item.__key}`, conflicts) : item;
    });
  }
  conflicts.push({ path, base, mine, theirs });
  return mine;
}

function mergeItem(model: Model, base: Item, mine: Item, theirs: Item, path: string, conflicts: Conflict[]): Item {
  const attributes = attributesOf(model, mine.__component);
  return {
    ...mergeValues(model, attributes, base, mine, theirs, path, conflicts),
    __key: mine.__key,
    __component: mine.__component,
  };
}

function isItems(value: unknown): value is Item[] {
  return Array.isArray(value) && value.every(isItem);
}

function sameKeys(a: readonly Item[], b: readonly Item[]): boolean {
  return (
    a.length === b.length &&
    a.every((item, at) => item.__key === b[at]?.__key && item.__component === b[at]?.__component)
  );
}
