import { type Attribute, componentOf, type ContentType, type Model, targetTypeOf } from '@/api/model';
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
    // The server refuses to filter by what the reader may not see.
    const isUnseen = attribute.type === 'relation' && attribute.target && !targetTypeOf(model, attribute.target);
    if (isFilterable(attribute) && !isUnseen) paths.push(name);
    const inner =
      attribute.type === 'relation'
        ? targetTypeOf(model, attribute.target)?.attributes
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
