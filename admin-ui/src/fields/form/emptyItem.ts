import type { Attribute, AttributeType, Model } from '@/api/model';
import { attributesOf, type Item, newKey, type Values } from './values';

/** A component's first values. Not through the registry, which knows the inputs and would go in a circle. */
export function emptyItem(model: Model, uid: string, depth = 0): Item {
  const values: Values = {};
  for (const [name, attribute] of Object.entries(attributesOf(model, uid)))
    values[name] = emptyValue(model, attribute, depth);
  return { ...values, __key: newKey(), __component: uid };
}

const lists: readonly AttributeType[] = ['relation', 'media', 'dynamiczone'];

/** The value of an attribute that has none yet. A component that is required is there from the beginning. */
export function emptyValue(model: Model, attribute: Attribute, depth = 0): unknown {
  if (lists.includes(attribute.type)) return [];
  if (attribute.type === 'password') return undefined;
  if (attribute.type === 'component') {
    if (attribute.repeatable) return [];
    return attribute.required && attribute.component && depth < 6
      ? emptyItem(model, attribute.component, depth + 1)
      : null;
  }
  return attribute.default ?? null;
}
