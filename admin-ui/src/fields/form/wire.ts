import type { Attribute, Attributes, Model } from '@/api/model';
import { SITE_USER_UID, targetTypeOf } from '@/api/model';
import {
  attributesOf,
  isItem,
  isRecord,
  type Item,
  type MediaItem,
  newKey,
  type RelationItem,
  type Values,
} from './values';

/** An entry's values as the server answers them, in the shape they are edited in; and the ids of its components. */
export function fromServer(
  model: Model,
  attributes: Attributes,
  entry: Record<string, unknown>,
): { values: Values; ids: Map<string, number> } {
  const ids = new Map<string, number>();
  return { values: valuesOf(model, attributes, entry, ids), ids };
}

function valuesOf(
  model: Model,
  attributes: Attributes,
  entry: Record<string, unknown>,
  ids: Map<string, number>,
): Values {
  const values: Values = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    values[name] = valueOf(model, attribute, entry[name], ids);
  }
  return values;
}

function valueOf(model: Model, attribute: Attribute, value: unknown, ids: Map<string, number>): unknown {
  switch (attribute.type) {
    case 'password':
      return undefined;
    case 'component':
      if (attribute.repeatable) return toList(value).map((item) => itemOf(model, attribute.component ?? '', item, ids));
      return isRecord(value) ? itemOf(model, attribute.component ?? '', value, ids) : null;
    case 'dynamiczone':
      return toList(value).map((item) => itemOf(model, String(item.__component ?? ''), item, ids));
    // What was not answered may not be seen. It stays undefined, and is not sent back: an empty list would take it away.
    case 'relation':
      if (value === undefined) return undefined;
      return (Array.isArray(value) ? value : value ? [value] : [])
        .filter(isRecord)
        .map((target) => relationItem(model, attribute, target));
    case 'media':
      return value === undefined ? undefined : (Array.isArray(value) ? value : value ? [value] : []).filter(isRecord);
    default:
      return value ?? null;
  }
}

function toList(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function itemOf(model: Model, uid: string, value: Record<string, unknown>, ids: Map<string, number>): Item {
  const key = newKey();
  if (typeof value.id === 'number') ids.set(key, value.id);
  return { __key: key, __component: uid, ...valuesOf(model, attributesOf(model, uid), value, ids) };
}

/** An entry that a relation leads to, as answers have it: shown by the attribute that its type is titled by. */
function relationItem(model: Model, attribute: Attribute, target: Record<string, unknown>): RelationItem {
  const uid = typeof target.__type === 'string' ? target.__type : attribute.target;
  return relationItemOf(model, uid, target, typeof target.__type === 'string');
}

export function relationItemOf(
  model: Model,
  uid: string | undefined,
  target: Record<string, unknown>,
  named = false,
): RelationItem {
  const documentId = String(target.documentId ?? target.id ?? '');
  const type = targetTypeOf(model, uid);
  const titled = type?.titleField
    ? target[type.titleField] || (type.titleFallback && target[type.titleFallback])
    : (target.title ?? target.name ?? target.username ?? target.email);
  const title = titled === null || titled === undefined || titled === '' ? documentId : String(titled);
  // Several people are called alike.
  const detail = uid === SITE_USER_UID && typeof target.email === 'string' && target.email !== title && target.email;
  return {
    documentId,
    ...(named && uid ? { __type: uid } : {}),
    title,
    ...(detail ? { detail } : {}),
    ...(typeof target.locale === 'string' ? { locale: target.locale } : {}),
    ...(target.status === 'draft' || target.status === 'modified' || target.status === 'published'
      ? { status: target.status }
      : {}),
  };
}

/** Attributes as a request's body has them: only those named, so that nothing is overwritten that was not changed. */
export function toServer(
  model: Model,
  attributes: Attributes,
  values: Values,
  ids: ReadonlyMap<string, number>,
  names: readonly string[],
): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const name of names) {
    const attribute = attributes[name];
    if (!attribute) continue;
    const value = bodyOf(model, attribute, values[name], ids);
    if (value !== undefined) body[name] = value;
  }
  return body;
}

function bodyOf(model: Model, attribute: Attribute, value: unknown, ids: ReadonlyMap<string, number>): unknown {
  switch (attribute.type) {
    case 'component':
      if (attribute.repeatable) return toItems(value).map((item) => itemBody(model, item, ids, false));
      return isItem(value) ? itemBody(model, value, ids, false) : null;
    case 'dynamiczone':
      return toItems(value).map((item) => itemBody(model, item, ids, true));
    case 'relation': {
      if (value === undefined) return undefined;
      const targets = (Array.isArray(value) ? value : []) as RelationItem[];
      return {
        set: targets.map((target) => ({
          documentId: target.documentId,
          ...(target.__type ? { __type: target.__type } : {}),
        })),
      };
    }
    case 'media': {
      if (value === undefined) return undefined;
      const files = (Array.isArray(value) ? value : []) as MediaItem[];
      return attribute.multiple ? files.map((file) => file.id) : (files[0]?.id ?? null);
    }
    default:
      return value;
  }
}

function toItems(value: unknown): Item[] {
  return Array.isArray(value) ? value.filter(isItem) : [];
}

function itemBody(model: Model, item: Item, ids: ReadonlyMap<string, number>, named: boolean): Record<string, unknown> {
  const attributes = attributesOf(model, item.__component);
  const id = ids.get(item.__key);
  return {
    ...(named ? { __component: item.__component } : {}),
    ...(id === undefined ? {} : { id }),
    ...toServer(model, attributes, item, ids, Object.keys(attributes)),
  };
}

/**
 * The values of one read with the keys of another, so that items stay the same on the page: found again by their ids, then
 * by their places where both are of the same component.
 */
export function withKeysOf(
  fresh: { values: Values; ids: Map<string, number> },
  old: Values,
  oldIds: ReadonlyMap<string, number>,
): { values: Values; ids: Map<string, number> } {
  const ids = new Map<string, number>();
  const rekey = (value: unknown, before: unknown): unknown => {
    if (isItem(value))
      return rekeyItem(value, isItem(before) && before.__component === value.__component ? before : undefined);
    if (Array.isArray(value) && value.some(isItem)) {
      const former = Array.isArray(before) ? before.filter(isItem) : [];
      const byId = new Map(
        former.flatMap((item) => (oldIds.has(item.__key) ? [[oldIds.get(item.__key), item] as const] : [])),
      );
      const used = new Set<Item>();
      return value.map((item: Item, at) => {
        const id = fresh.ids.get(item.__key);
        let match = id === undefined ? undefined : byId.get(id);
        const beside = former[at];
        // Sent without an id: the one at the same place, which got its id just now.
        if (!match && beside && !oldIds.has(beside.__key)) match = beside;
        if (match && (used.has(match) || match.__component !== item.__component)) match = undefined;
        if (match) used.add(match);
        return rekeyItem(item, match);
      });
    }
    return value;
  };
  const rekeyItem = (item: Item, before: Item | undefined): Item => {
    const key = before?.__key ?? item.__key;
    const id = fresh.ids.get(item.__key);
    if (id !== undefined) ids.set(key, id);
    const copy: Item = { ...item, __key: key };
    for (const name of Object.keys(item))
      if (name !== '__key' && name !== '__component') copy[name] = rekey(item[name], before?.[name]);
    return copy;
  };
  const values: Values = {};
  for (const name of Object.keys(fresh.values)) values[name] = rekey(fresh.values[name], old[name]);
  return { values, ids };
}

/** A copy of an item under new keys, without ids: another instance of the same. */
export function copyItem(item: Item): Item {
  const copied = (value: unknown): unknown => {
    if (isItem(value)) return copyItem(value);
    return Array.isArray(value) && value.some(isItem) ? value.map(copied) : value;
  };
  return {
    ...Object.fromEntries(Object.entries(item).map(([name, value]) => [name, copied(value)])),
    __key: newKey(),
  } as Item;
}
