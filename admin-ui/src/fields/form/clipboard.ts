import type { Attribute, Model } from '@/api/model';
import { componentOf } from '@/api/model';
import { attributesOf, isItem, isRecord, type Item, newKey, type Values } from './values';
import { copyItem } from './wire';

/** Marks the clipboard's JSON as ours. */
const format = 'cairn/components';

/** Items as text for the clipboard. */
export function toClipboard(items: readonly Item[]): string {
  return JSON.stringify({ format, version: 1, items }, null, 1);
}

/**
 * Items from the clipboard's text, which anybody can have written: only components that may be here, only attributes that
 * they have, only values of the right shape. `null` where it is something else.
 */
export function fromClipboard(
  text: string,
  model: Model,
  allowed: readonly string[],
): { items: Item[]; refused: string[] } | null {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(read) || read.format !== format || !Array.isArray(read.items)) return null;
  const refused: string[] = [];
  const items: Item[] = [];
  for (const item of read.items.slice(0, 500)) {
    const uid = isRecord(item) ? String(item.__component) : '';
    if (!isRecord(item) || !allowed.includes(uid) || !componentOf(model, uid)) refused.push(uid || '?');
    else items.push(copyItem(checkedItem(model, uid, item)));
  }
  return { items, refused };
}

function checkedItem(model: Model, uid: string, raw: Record<string, unknown>): Item {
  const values: Values = {};
  for (const [name, attribute] of Object.entries(attributesOf(model, uid)))
    values[name] = checkedValue(model, attribute, raw[name]);
  return { ...values, __key: newKey(), __component: uid };
}

function checkedValue(model: Model, attribute: Attribute, value: unknown): unknown {
  switch (attribute.type) {
    case 'password':
      return undefined;
    case 'component':
    case 'dynamiczone': {
      const allowed = attribute.type === 'component' ? [attribute.component ?? ''] : (attribute.components ?? []);
      const checkedItems = (Array.isArray(value) ? value : [value])
        .filter(isItem)
        .filter((item) => allowed.includes(item.__component));
      const checked = checkedItems
        .filter((item) => componentOf(model, item.__component))
        .map((item) => checkedItem(model, item.__component, item));
      return attribute.type === 'dynamiczone' || attribute.repeatable ? checked : (checked[0] ?? null);
    }
    case 'relation':
      return (Array.isArray(value) ? value : []).filter(
        (target) => isRecord(target) && typeof target.documentId === 'string' && typeof target.title === 'string',
      );
    case 'media':
      return (Array.isArray(value) ? value : []).filter(
        (file) =>
          isRecord(file) &&
          typeof file.id === 'number' &&
          typeof file.name === 'string' &&
          typeof file.url === 'string',
      );
    case 'integer':
    case 'float':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'blocks':
      return Array.isArray(value) ? value : null;
    case 'json':
    case 'customField':
      return value ?? null;
    default:
      return typeof value === 'string' ? value : null;
  }
}
