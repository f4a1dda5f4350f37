import { componentOf, type Model } from '@/api/model';
import { isItem } from '@/fields/form/values';
import { isEmpty } from '@/fields/shared/checks';
import { labelOf } from '@/fields/label';
import { plain } from '../plain';

/** A value as text to translate from: components by their names, and what is in them by the labels of their fields. */
export function readable(model: Model, value: unknown): string {
  if (Array.isArray(value) && value.some(isItem))
    return value.map((item, at) => `${at + 1}. ${readable(model, item)}`).join('\n\n');
  if (!isItem(value)) return plain(value);
  const { __key: _, __component, ...values } = value;
  const lines = Object.entries(values)
    .filter(([, part]) => !isEmpty(part))
    .map(([name, part]) => `${labelOf(name)}: ${readable(model, part)}`);
  return [componentOf(model, __component)?.displayName ?? __component, ...lines].join('\n');
}
