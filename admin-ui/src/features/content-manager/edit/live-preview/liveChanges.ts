import type { Attributes, Model } from '@/api/model';
import { attributesOf, isItem, sameValue, type Values } from '@/fields/form/values';

/** A plain text that differs from what a page shows, by its path in the API's response. */
export interface LiveValue {
  path: string;
  from: string;
  to: string;
}

interface LiveChanges {
  texts: LiveValue[];
  /** Whether something else differs, which a page shows only when it is drawn anew. */
  others: boolean;
}

/** What the form has that a page, made of `shown`, lacks. Objects that are the same are not looked into: typing costs what it changes. */
export function liveChanges(model: Model, attributes: Attributes, shown: Values, values: Values): LiveChanges {
  const found: LiveChanges = { texts: [], others: false };
  compare(model, attributes, shown, values, '', found);
  return found;
}

function compare(
  model: Model,
  attributes: Attributes,
  shown: Values,
  values: Values,
  at: string,
  found: LiveChanges,
): void {
  for (const [name, attribute] of Object.entries(attributes)) {
    const [before, now] = [shown[name], values[name]];
    // What no response contains is not told to a page either.
    if (before === now || attribute.private || attribute.type === 'password') continue;
    const path = `${at}${name}`;
    if (attribute.type === 'string' || attribute.type === 'text') {
      const [from, to] = [before ?? '', now ?? ''];
      // Empty texts have no place on the page yet.
      if (typeof from === 'string' && typeof to === 'string' && from !== '') {
        if (from !== to) found.texts.push({ path, from, to });
      } else if (from !== to) found.others = true;
    } else if (Array.isArray(before) && Array.isArray(now) && [...before, ...now].every(isItem)) {
      const places = new Map(before.filter(isItem).map((item, place) => [item.__key, { item, place }]));
      now.filter(isItem).forEach((item, place) => {
        const old = places.get(item.__key);
        if (!old || old.place !== place) found.others = true;
        if (old && old.item !== item)
          compare(model, attributesOf(model, item.__component), old.item, item, `${path}.${old.place}.`, found);
      });
      if (before.length !== now.length) found.others = true;
    } else if (isItem(before) && isItem(now)) {
      compare(model, attributesOf(model, now.__component), before, now, `${path}.`, found);
    } else if (!sameValue(before, now)) found.others = true;
  }
}
