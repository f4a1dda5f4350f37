import type { Attribute, Attributes, Model } from '@/api/model';
import { componentOf } from '@/api/model';

/** An entry's values while they are edited, by attribute. Never changed in place: what is the same object is the same value. */
export type Values = Record<string, unknown>;

/**
 * An instance of a component. `__key` names it while the page is open, wherever it is moved to; its id in the database is
 * kept beside the values (`EntryStore.ids`), so that undo never brings back an id that is gone.
 */
export interface Item extends Values {
  __key: string;
  __component: string;
}

/** An entry that a relation leads to. */
export interface RelationItem {
  documentId: string;
  /** Its content type, where the relation may lead to several. */
  __type?: string;
  title: string;
  /** What tells it from others with the same title: the address of a site user. */
  detail?: string;
  status?: 'draft' | 'modified' | 'published';
  locale?: string;
}

/** A file of the media library, as entries show them. */
export interface MediaItem {
  id: number;
  documentId?: string;
  name: string;
  /** `null`: it is in the trash. */
  url: string | null;
  mime: string;
  alternativeText: string | null;
  caption?: string | null;
  width: number | null;
  height: number | null;
  size?: number;
  formats?: Record<string, { url: string; width: number; height: number }> | null;
  focalPoint?: { x: number; y: number } | null;
}

// Copies that an earlier page left on this device have keys as well; those of two pages must differ.
const pageId = Math.random().toString(36).slice(2, 8);
let keyCount = 0;
/** A key that no other item of this page has. */
export function newKey(): string {
  keyCount += 1;
  return `k${pageId}-${keyCount}`;
}

/** Whether it is an instance of a component. */
export function isItem(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && '__key' in value;
}

/** Whether it is an object with string keys, not a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The parts of a path: `blocks.#k3.caption` → `blocks`, `#k3`, `caption`. Names of attributes have no dots. */
export function splitPath(path: string): string[] {
  return path === '' ? [] : path.split('.');
}

/** What is at a path. A part `#k3` is the item of a list with that key. */
export function getAt(root: unknown, path: string): unknown {
  let value = root;
  for (const part of splitPath(path)) {
    if (Array.isArray(value)) value = value.find((item) => isItem(item) && `#${item.__key}` === part);
    else if (isRecord(value)) value = value[part];
    else return undefined;
  }
  return value;
}

/** The same with another value at a path; every object that is not on the way stays the same object. */
export function setAt(root: unknown, path: string, value: unknown): unknown {
  return setParts(root, splitPath(path), value);
}

function setParts(root: unknown, parts: readonly string[], value: unknown): unknown {
  const [part, ...rest] = parts;
  if (part === undefined) return value;
  if (Array.isArray(root)) {
    const at = root.findIndex((item) => isItem(item) && `#${item.__key}` === part);
    if (at < 0) return root;
    const changed = setParts(root[at], rest, value);
    if (changed === root[at]) return root;
    const copy = root.slice();
    copy[at] = changed;
    return copy;
  }
  if (!isRecord(root)) return root;
  const changed = setParts(root[part], rest, value);
  return changed === root[part] ? root : { ...root, [part]: changed };
}

/** Whether two values mean the same; keys of items do not count. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, at) => sameValue(item, b[at]));
  }
  if (isRecord(a) && isRecord(b)) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    names.delete('__key');
    for (const name of names) if (!sameValue(a[name] ?? null, b[name] ?? null)) return false;
    return true;
  }
  return (a ?? null) === (b ?? null);
}

/** The attributes of an item, or of the entry itself. */
export function attributesOf(model: Model, uid: string): Attributes {
  return componentOf(model, uid)?.attributes ?? model.contentTypes.find((type) => type.uid === uid)?.attributes ?? {};
}

/** A path as the server writes it, with places instead of keys: `blocks.2.caption`. */
export function toPlaces(root: unknown, path: string): string {
  const out: string[] = [];
  let value = root;
  for (const part of splitPath(path)) {
    if (Array.isArray(value)) {
      const at = value.findIndex((item) => isItem(item) && `#${item.__key}` === part);
      out.push(at < 0 ? part : String(at));
      value = at < 0 ? undefined : value[at];
    } else {
      out.push(part);
      value = isRecord(value) ? value[part] : undefined;
    }
  }
  return out.join('.');
}

/** And back. What is inside a value that the model does not divide (JSON, blocks) is left off: the attribute is what a page can show. */
export function toKeys(
  root: unknown,
  attributes: Attributes,
  model: Model,
  segments: readonly (string | number)[],
): string {
  const out: string[] = [];
  let value = root;
  let current: Attributes | undefined = attributes;
  let attribute: Attribute | undefined;
  for (const segment of segments) {
    const part = String(segment);
    if (Array.isArray(value)) {
      const item: unknown = value[Number(part)];
      if (!isItem(item)) break;
      out.push(`#${item.__key}`);
      value = item;
      current = attributesOf(model, item.__component);
      continue;
    }
    if (!current || !(part in current)) break;
    attribute = current[part] as Attribute | undefined;
    out.push(part);
    value = isRecord(value) ? value[part] : undefined;
    const divided: boolean = attribute?.type === 'component' || attribute?.type === 'dynamiczone';
    current = divided && isItem(value) ? attributesOf(model, value.__component) : undefined;
    if (!divided) break;
  }
  return out.join('.');
}
