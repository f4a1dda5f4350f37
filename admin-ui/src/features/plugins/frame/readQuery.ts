import type { Query } from '@/api/content';
import { contentTypeOf, type ContentType, type Model } from '@/api/model';
import { KitError } from './protocol';

/** What a plugin may read: fields by content type, `null` for all of them. */
export type ReadableFields = Readonly<Record<string, readonly string[] | null>>;

/** The fields of a type that a plugin may read: all (`null`) of its own, those of its grants, else nothing. */
function fieldsOf(plugin: string, reads: ReadableFields, uid: string): readonly string[] | null | undefined {
  if (uid.startsWith(`plugin::${plugin}.`)) return null;
  return Object.hasOwn(reads, uid) ? reads[uid] : undefined;
}

/** Whether a plugin may read anything of a type. */
export function isGranted(plugin: string, reads: ReadableFields, uid: string): boolean {
  return fieldsOf(plugin, reads, uid) !== undefined;
}

const SYSTEM_FIELDS = ['documentId', 'createdAt', 'updatedAt', 'publishedAt', 'locale'];
const QUERY_KEYS = ['type', 'filters', 'fields', 'sort', 'populate', 'pagination', 'locale', 'status', 'search'];
const MAX_QUERY_DEPTH = 8;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list of names, or one. */
function readNames(value: unknown, name: string): string[] {
  const list = value === undefined ? [] : Array.isArray(value) ? value : [value];
  if (list.length > 50 || !list.every((word) => typeof word === 'string' && /^[\w.:-]{1,200}$/.test(word)))
    throw new KitError('invalid', `${name} is a list of names`);
  return list as string[];
}

/**
 * A frame's query as the content API takes it. The API looks after the rights of whoever looks; here it is held to what the plugin was granted,
 * also in what it filters and sorts by, or a filter would tell what a field says.
 *
 * @throws KitError when it names what is not granted, or is no query.
 */
export function toReadQuery(
  params: Record<string, unknown>,
  plugin: string,
  reads: ReadableFields,
  model: Model,
): { type: ContentType; query: Query } {
  const unknown = Object.keys(params).find((key) => !QUERY_KEYS.includes(key));
  if (unknown)
    throw new KitError('invalid', `${unknown} is not part of a query; write one of ${QUERY_KEYS.join(', ')}`);
  const type = typeof params.type === 'string' ? contentTypeOf(model, params.type) : undefined;
  const fields = type && fieldsOf(plugin, reads, type.uid);
  // Whether a type is there is not told to who may not read it.
  if (!type || fields === undefined)
    throw new KitError('denied', `reading ${String(params.type)} is not granted to this plugin`);
  const field = (contentType: ContentType, name: string): ContentType | undefined => {
    const any = fieldsOf(plugin, reads, contentType.uid) !== undefined;
    if (!any || (!SYSTEM_FIELDS.includes(name) && !mayRead(plugin, reads, contentType, name)))
      throw new KitError('denied', `${contentType.uid} ${name} is not granted to this plugin`);
    const target = Object.hasOwn(contentType.attributes, name) ? contentType.attributes[name]?.target : undefined;
    return target === undefined ? undefined : contentTypeOf(model, target);
  };
  /** Follows a path; each step has to be granted, and the last relation's type as well. */
  const path = (names: readonly string[]): void => {
    let at: ContentType | undefined = type;
    for (const name of names) {
      if (!at) return;
      const next: ContentType | undefined = field(at, name);
      if (next && fieldsOf(plugin, reads, next.uid) === undefined)
        throw new KitError('denied', `reading ${next.uid} is not granted to this plugin`);
      at = next;
    }
  };
  const filters = (node: unknown, names: readonly string[], depth: number): void => {
    if (depth > MAX_QUERY_DEPTH) throw new KitError('invalid', `filters go ${MAX_QUERY_DEPTH} deep at most`);
    if (Array.isArray(node)) node.forEach((one) => filters(one, names, depth + 1));
    else if (isRecord(node)) {
      for (const [key, inner] of Object.entries(node)) {
        if (key.startsWith('$')) filters(inner, names, depth + 1);
        else {
          path([...names, key]);
          filters(inner, [...names, key], depth + 1);
        }
      }
    }
  };
  filters(params.filters, [], 0);
  const fieldNames = readNames(params.fields, 'fields');
  const sort = readNames(params.sort, 'sort');
  const populate = readNames(params.populate, 'populate');
  for (const name of fieldNames) path([name]);
  for (const word of sort) path((word.split(':')[0] ?? '').split('.'));
  for (const name of populate) {
    path(name.split('.'));
    const attribute = type.attributes[name];
    const target = attribute?.target === undefined ? undefined : contentTypeOf(model, attribute.target);
    // A populated entry comes with all its fields: those of a type granted in part cannot be kept out by a name.
    const whole = target ? isWhole(plugin, reads, target) : attribute?.type === 'media';
    if (!whole) throw new KitError('denied', `${name} cannot be populated: read it by a query of its own type`);
  }
  // A search looks in all fields.
  const whole = isWhole(plugin, reads, type);
  if (params.search !== undefined && !whole)
    throw new KitError('denied', `searching ${type.uid} is not granted, as only some of its fields are`);
  const { page = 1, pageSize = 25 } = isRecord(params.pagination) ? params.pagination : {};
  if (typeof page !== 'number' || typeof pageSize !== 'number' || page < 1 || pageSize < 1 || pageSize > 100)
    throw new KitError('invalid', 'pagination is {page, pageSize}, from 1, and 100 a page at most');
  return {
    type,
    query: {
      ...(params.filters === undefined ? {} : { filters: params.filters }),
      ...(fieldNames.length > 0
        ? { fields: fieldNames }
        : whole
          ? {}
          : { fields: plainFields(type).filter((name) => mayRead(plugin, reads, type, name)) }),
      ...(sort.length > 0 ? { sort } : {}),
      ...(populate.length > 0 ? { populate } : {}),
      pagination: { page, pageSize },
      ...(typeof params.locale === 'string' ? { locale: params.locale } : {}),
      ...(params.status === 'draft' || params.status === 'published' ? { status: params.status } : {}),
      ...(typeof params.search === 'string' ? { _q: params.search.slice(0, 200) } : {}),
    },
  };
}

const POPULATED = ['relation', 'media', 'component', 'dynamiczone'];

/** The fields of a type that a query names as its fields; others are populated. */
function plainFields({ attributes }: ContentType): string[] {
  return Object.keys(attributes).filter((name) => !POPULATED.includes(attributes[name]?.type ?? ''));
}

/** Whether a plugin may read all that there is of a type. */
function isWhole(plugin: string, reads: ReadableFields, type: ContentType): boolean {
  return (
    fieldsOf(plugin, reads, type.uid) === null &&
    Object.keys(type.attributes).every((name) => mayRead(plugin, reads, type, name))
  );
}

/** Whether a plugin may read a field of a type. All of a type that is not its own are those that are not private. */
export function mayRead(
  plugin: string,
  reads: ReadableFields,
  { uid, attributes }: ContentType,
  name: string,
): boolean {
  const fields = fieldsOf(plugin, reads, uid);
  if (fields === null) return uid.startsWith(`plugin::${plugin}.`) || attributes[name]?.private !== true;
  return fields?.includes(name) ?? false;
}

/** The values of the open form that a plugin may read. */
export function readableValues(
  values: Record<string, unknown>,
  plugin: string,
  reads: ReadableFields,
  type: ContentType,
): Record<string, unknown> | undefined {
  if (fieldsOf(plugin, reads, type.uid) === undefined) return undefined;
  return Object.fromEntries(Object.entries(values).filter(([name]) => mayRead(plugin, reads, type, name)));
}
