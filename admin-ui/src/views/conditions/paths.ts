import { type Attribute, type ContentType, type Model, targetTypeOf } from '@/api/model';
import { fieldDisplays } from '@/fields/displays';
import type { Operator } from '@/fields/types';
import { readableFields, resolveField, SYSTEM_FIELDS } from '../fieldPath';
import { filterPaths } from '../filters/fields';

/** Which entry a relation leads to is told by its number, or by its document's id. */
const ID_OPERATORS: readonly Operator[] = ['$eq', '$ne', '$in', '$notIn', '$null', '$notNull'];

/** Everything that a condition on a type can ask about: its fields, those one step further, and where relations lead to, up to two steps. */
export function conditionPaths(model: Model, type: ContentType): string[] {
  const paths = filterPaths(model, type).filter(
    (path) => resolveField(model, type, path)?.attribute.type !== 'relation',
  );
  for (const [name, relation] of relationEntries(type.attributes)) {
    paths.push(`${name}.id`, `${name}.documentId`);
    for (const [inner] of relationEntries(targetTypeOf(model, relation.target)?.attributes ?? {}))
      paths.push(`${name}.${inner}.id`);
  }
  return [...new Set([...paths, 'id'])];
}

/** Those of some paths that a condition can ask about: fields that are there, that the person may read, and that have a value of their own. */
export function askablePaths(model: Model, type: ContentType, paths: readonly string[]): string[] {
  const readable = [...readableFields(type), ...SYSTEM_FIELDS];
  return [...new Set(paths)].filter((path) => {
    const field = resolveField(model, type, path);
    return (
      field !== undefined &&
      readable.includes(field.first) &&
      !['relation', 'password'].includes(field.attribute.type) &&
      operatorsAt(model, type, path).length > 0
    );
  });
}

function relationEntries(attributes: Record<string, Attribute>): [string, Attribute][] {
  return Object.entries(attributes).filter(([, one]) => one.type === 'relation');
}

/** The attribute that a path asks about; the number of an entry is one as well. */
export function conditionAttribute(model: Model, type: ContentType, path: string): Attribute | undefined {
  if (path === 'id' || path.endsWith('.id')) return { type: 'integer' };
  return resolveField(model, type, path)?.attribute;
}

/** What can be asked at a path; the likeliest first. */
export function operatorsAt(model: Model, type: ContentType, path: string): readonly Operator[] {
  if (/(^|\.)(id|documentId)$/.test(path)) return ID_OPERATORS;
  const attribute = conditionAttribute(model, type, path);
  return attribute ? fieldDisplays[attribute.type].operators : ID_OPERATORS;
}
