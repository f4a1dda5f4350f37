import { type Attribute, componentOf, contentTypeOf, type ContentType, type Model } from '@/api/model';
import { fieldDisplays } from '@/fields/displays';
import { resolveField, SYSTEM_FIELDS, readableFields } from '../fieldPath';
import type { FilterOperator } from './filter';
import { isTime } from './toQuery';

/** Whether entries can be chosen by an attribute. */
function isFilterable(attribute: Attribute): boolean {
  return fieldDisplays[attribute.type].operators.length > 0;
}

/** Paths that a type's entries can be filtered by: its own, and one step through relations and components. */
export function filterPaths(model: Model, type: ContentType): string[] {
  const paths: string[] = [];
  for (const name of readableFields(type)) {
    const attribute = type.attributes[name];
    if (!attribute) continue;
    if (isFilterable(attribute)) paths.push(name);
    const inner =
      attribute.type === 'relation'
        ? contentTypeOf(model, attribute.target)?.attributes
        : attribute.type === 'component'
          ? componentOf(model, attribute.component)?.attributes
          : undefined;
    for (const [below, second] of Object.entries(inner ?? {})) {
      if (isFilterable(second) && !['relation', 'media', 'component', 'password'].includes(second.type))
        paths.push(`${name}.${below}`);
    }
  }
  return [...paths, ...SYSTEM_FIELDS];
}

/** What a field can be asked; the likeliest first. */
export function operatorsFor(model: Model, type: ContentType, field: string): FilterOperator[] {
  const attribute = resolveField(model, type, field)?.attribute;
  if (!attribute) return [];
  const { operators } = fieldDisplays[attribute.type];
  return isTime(attribute) ? ['$within', ...operators, '$notWithin'] : [...operators];
}
