import { labelOf } from '@/fields/label';

/** The part of JSON Schema that forms are drawn of. What is beyond it is edited as JSON. */
export interface Schema {
  type?: string | readonly string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: readonly unknown[];
  const?: unknown;
  oneOf?: readonly Schema[];
  anyOf?: readonly Schema[];
  format?: string;
  /** The type whose documents are chosen from, with the format `document`, or told apart, with `conditions`. */
  contentType?: string;
  /** The fields that conditions can be about, with the format `conditions`. */
  fields?: readonly string[];
  /** The kinds of files that are chosen from, with the format `file`. */
  accepts?: readonly string[];
  contentMediaType?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  order?: readonly string[];
  items?: Schema;
  readOnly?: boolean;
  $ref?: string;
  $defs?: Readonly<Record<string, Schema>>;
}

/** How a value is asked for. */
export type Control =
  | 'text'
  | 'lines'
  | 'number'
  | 'switch'
  | 'choice'
  | 'choices'
  | 'words'
  | 'documents'
  | 'users'
  | 'files'
  | 'conditions'
  | 'group'
  | 'list'
  | 'json';

/** Whether something can be a schema at all. */
export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How deep a form goes; what is deeper is edited as JSON, and a schema that contains itself ends. */
const MAX_FORM_DEPTH = 5;

/** What a reference within the schema stands for; one that leads nowhere, or in a circle, is a schema of anything. */
export function resolveReference(schema: Schema, root: Schema): Schema {
  let resolved = schema;
  for (let steps = 0; resolved.$ref !== undefined; steps += 1) {
    const name = /^#\/\$defs\/(.+)$/.exec(resolved.$ref)?.[1];
    const next = name === undefined ? undefined : root.$defs?.[name.replaceAll('~1', '/').replaceAll('~0', '~')];
    if (next === undefined || steps > 10) return {};
    const { $ref: _ref, ...own } = resolved;
    resolved = { ...next, ...own };
  }
  return resolved;
}

/** The type without `null`, which stands for nothing given. */
export function typeOf(schema: Schema): string | undefined {
  const types = (
    Array.isArray(schema.type) ? (schema.type as readonly string[]) : [schema.type as string | undefined]
  ).filter((type) => type !== 'null');
  return types.length === 1 ? types[0] : undefined;
}

/** What can be chosen, with its names: of `enum`, or of `oneOf` with a `const` each. */
export function choicesOf(schema: Schema): { value: string; label: string; description?: string }[] | undefined {
  if (schema.enum) {
    const plain = schema.enum.filter((value) => typeof value === 'string' || typeof value === 'number');
    return plain.length > 0 && plain.length === schema.enum.filter((value) => value !== null).length
      ? plain.map((value) => ({ value: String(value), label: String(value) }))
      : undefined;
  }
  const options = schema.oneOf ?? schema.anyOf;
  if (!options?.every((option) => typeof option.const === 'string' || typeof option.const === 'number'))
    return undefined;
  return options.map((option) => ({
    value: String(option.const),
    label: option.title ?? String(option.const),
    ...(option.description ? { description: option.description } : {}),
  }));
}

/** The control for a text that names something; one value, or several where it stands in a list. */
function referenceControlOf({ format, contentType }: Schema): Control | undefined {
  switch (format) {
    case 'document':
      return typeof contentType === 'string' && contentType !== '' ? 'documents' : undefined;
    case 'user':
      return 'users';
    case 'file':
      return 'files';
    default:
      return undefined;
  }
}

/** Whether a value is a filter over fields of a type. */
function isConditions({ format, contentType, fields }: Schema): boolean {
  return (
    format === 'conditions' &&
    typeof contentType === 'string' &&
    Array.isArray(fields) &&
    fields.every((field) => typeof field === 'string')
  );
}

/** How a value of a schema is asked for. */
export function controlOf(schema: Schema, root: Schema, depth = 0): Control {
  if (choicesOf(schema)) return 'choice';
  switch (typeOf(schema)) {
    case 'string': {
      const reference = referenceControlOf(schema);
      if (reference) return reference;
      return schema.contentMediaType?.startsWith('text/') || (schema.maxLength ?? 0) > 300 ? 'lines' : 'text';
    }
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'switch';
    case 'object':
      if (isConditions(schema)) return 'conditions';
      return schema.properties && depth < MAX_FORM_DEPTH ? 'group' : 'json';
    case 'array': {
      if (!schema.items) return 'json';
      const items = resolveReference(schema.items, root);
      if (choicesOf(items)) return 'choices';
      if (typeOf(items) === 'string') return referenceControlOf(items) ?? 'words';
      return controlOf(items, root, depth + 1) === 'json' || depth >= MAX_FORM_DEPTH - 1 ? 'json' : 'list';
    }
    default:
      return 'json';
  }
}

/** The properties of an object in the order of the form: those that `order` names, then the others as the schema has them. */
export function propertiesOf({ properties = {}, order = [] }: Schema): [name: string, schema: Schema][] {
  const names = new Set([...order.filter((name) => Object.hasOwn(properties, name)), ...Object.keys(properties)]);
  return [...names].flatMap((name) => {
    const property = properties[name];
    return property ? [[name, property] as [string, Schema]] : [];
  });
}

/** What a field is called. */
export function titleOf(name: string, schema: Schema): string {
  return schema.title ?? labelOf(name);
}

/** The value that a choice stands for: texts and numbers are told apart by the schema. */
export function parseChoice(schema: Schema, word: string): unknown {
  const values = schema.enum ?? (schema.oneOf ?? schema.anyOf)?.map((option) => option.const) ?? [];
  return values.find((value) => String(value) === word && value !== null);
}

/** What a form begins with: the defaults of a schema, in all its depth, below what is given. */
export function withDefaults(schema: Schema, input: unknown, root: Schema = schema, depth = 0): unknown {
  const own = resolveReference(schema, root);
  if (typeOf(own) === 'object' && own.properties && depth <= MAX_FORM_DEPTH) {
    const values: Record<string, unknown> = isSchema(input)
      ? { ...(input as Record<string, unknown>) }
      : isSchema(own.default)
        ? { ...(own.default as Record<string, unknown>) }
        : {};
    for (const [name, property] of Object.entries(own.properties)) {
      const value = withDefaults(property, values[name], root, depth + 1);
      if (value !== undefined) values[name] = value;
    }
    return Object.keys(values).length === 0 && input === undefined ? undefined : values;
  }
  return input === undefined ? own.default : input;
}

/** The value of a new item of a list. */
export function emptyOf(schema: Schema, root: Schema): unknown {
  const own = resolveReference(schema, root);
  const value = withDefaults(own, undefined, root);
  if (value !== undefined) return value;
  switch (typeOf(own)) {
    case 'object':
      return {};
    case 'array':
      return [];
    case 'boolean':
      return false;
    default:
      return null;
  }
}
