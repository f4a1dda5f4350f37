import { type Attribute, componentOf, type ContentType, type Model, targetTypeOf } from '@/api/model';

/** What a path leads to. */
export interface ResolvedField {
  attribute: Attribute;
  /** The attribute of the type that the path begins with. */
  first: string;
  /** Whether it leads through, or to, several values. */
  many: boolean;
}

/** Fields that every entry has, as attributes. */
const SYSTEM_ATTRIBUTES: Record<string, Attribute> = {
  documentId: { type: 'string' },
  createdAt: { type: 'datetime' },
  updatedAt: { type: 'datetime' },
  publishedAt: { type: 'datetime' },
  locale: { type: 'string' },
};

/** Fields of every entry that a list may show and filter by. */
export const SYSTEM_FIELDS: readonly string[] = ['createdAt', 'updatedAt', 'publishedAt', 'documentId'];

/** How a document stands, which is no field of it. */
export const STATUS_FIELD = 'status';

/** The languages a document is there in. */
export const LANGUAGES_FIELD = 'languages';

/** Where a document is in its review, which are no fields of it either. */
export const STAGE_FIELD = 'review.stage';
export const ASSIGNEES_FIELD = 'review.assignees';
export const DUE_FIELD = 'review.due';
export const REVIEW_FIELDS: readonly string[] = [STAGE_FIELD, ASSIGNEES_FIELD, DUE_FIELD];

/** Whether a name is one of those that are no fields; an attribute of that name comes first. */
export function isStateField(type: ContentType, field: string): boolean {
  return (
    (field === STATUS_FIELD || REVIEW_FIELDS.includes(field) || (field === LANGUAGES_FIELD && type.localized)) &&
    !Object.hasOwn(type.attributes, field.split('.')[0] ?? '')
  );
}

/** Follows `vehicle.name` through relations and components; `undefined` where it leads nowhere. */
export function resolveField(model: Model, type: ContentType, path: string): ResolvedField | undefined {
  const names = path.split('.');
  let attributes: Record<string, Attribute> = { ...SYSTEM_ATTRIBUTES, ...type.attributes };
  let resolved: ResolvedField | undefined;
  for (const name of names) {
    const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (!attribute) return undefined;
    const many = (resolved?.many ?? false) || leadsToMany(attribute);
    resolved = { attribute, first: resolved?.first ?? name, many };
    attributes = nestedAttributes(model, attribute);
  }
  return resolved;
}

/** Whether an attribute holds several values. */
export function leadsToMany(attribute: Attribute): boolean {
  return attribute.repeatable === true || attribute.multiple === true || (attribute.relation ?? '').endsWith('Many');
}

/** The attributes that can be named behind one: those of a relation's target or of a component. */
function nestedAttributes(model: Model, attribute: Attribute): Record<string, Attribute> {
  if (attribute.type === 'relation') {
    const target = targetTypeOf(model, attribute.target);
    return target ? { ...SYSTEM_ATTRIBUTES, ...target.attributes } : {};
  }
  if (attribute.type === 'component') return componentOf(model, attribute.component)?.attributes ?? {};
  return {};
}

/** The value at a path; of several the list of their values. */
export function valueAt(entry: unknown, path: string): unknown {
  let value: unknown = entry;
  for (const name of path.split('.')) {
    if (Array.isArray(value)) value = value.flatMap((item) => (isObject(item) ? [item[name]] : []));
    else value = isObject(value) ? value[name] : undefined;
  }
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The attributes that say what an entry is called: the first that has a value. */
export function titleFields({ titleField, titleFallback }: ContentType): string[] {
  return [titleField, titleFallback].filter((name) => typeof name === 'string');
}

/** The attributes a person may see, in the order of the type. */
export function readableFields(type: ContentType): string[] {
  const { read } = type.can.fields;
  return Object.entries(type.attributes)
    .filter(([name, attribute]) => attribute.type !== 'password' && (read === null || read.includes(name)))
    .map(([name]) => name);
}

/** Whether a person may change an attribute. */
export function isWritable(type: ContentType, name: string): boolean {
  return type.can.update && name in type.attributes && (type.can.fields.write?.includes(name) ?? true);
}
