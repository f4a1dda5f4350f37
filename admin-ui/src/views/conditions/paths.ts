import { type Attribute, contentTypeOf, type ContentType, type Model } from '@/api/model';
import { readings } from '@/fields/readings';
import type { Operator } from '@/fields/types';
import { attributeAt } from '../fieldPath';
import { filterPaths } from '../filters/fields';

/** Which entry a relation leads to is told by its number, or by its document's id. */
const ID_OPERATORS: readonly Operator[] = ['$eq', '$ne', '$in', '$notIn', '$null', '$notNull'];

/** Everything that a condition on a type can ask about: its fields, those one step further, and where relations lead to, up to two steps. */
export function conditionPaths(model: Model, type: ContentType): string[] {
  const paths = filterPaths(model, type).filter(
    (path) => attributeAt(model, type, path)?.attribute.type !== 'relation',
  );
  for (const [name, relation] of relations(type.attributes)) {
    paths.push(`${name}.id`, `${name}.documentId`);
    for (const [inner] of relations(contentTypeOf(model, relation.target)?.attributes ?? {}))
      paths.push(`${name}.${inner}.id`);
  }
  return [...new Set([...paths, 'id'])];
}

function relations(attributes: Record<string, Attribute>): [string, Attribute][] {
  return Object.entries(attributes).filter(([, one]) => one.type === 'relation');
}

/** The attribute that a path asks about; the number of an entry is one as well. */
export function askedAttribute(model: Model, type: ContentType, path: string): Attribute | undefined {
  if (path === 'id' || path.endsWith('.id')) return { type: 'integer' };
  return attributeAt(model, type, path)?.attribute;
}

/** What can be asked at a path; the likeliest first. */
export function operatorsAt(model: Model, type: ContentType, path: string): readonly Operator[] {
  if (/(^|\.)(id|documentId)$/.test(path)) return ID_OPERATORS;
  const attribute = askedAttribute(model, type, path);
  return attribute ? readings[attribute.type].operators : ID_OPERATORS;
}
