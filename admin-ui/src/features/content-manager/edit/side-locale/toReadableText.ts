import { type Attribute, componentOf, type Model } from '@/api/model';
import { isItem } from '@/fields/form/values';
import { isEmpty } from '@/fields/shared/checks';
import { labelOf } from '@/fields/label';
import { toPlainText } from '../toPlainText';

/** A value as text to translate from: components by their names, and what is in them by the labels of their fields. */
export function toReadableText(model: Model, value: unknown, attribute?: Attribute): string {
  if (Array.isArray(value) && value.some(isItem))
    return value.map((item, at) => `${at + 1}. ${toReadableText(model, item)}`).join('\n\n');
  if (!isItem(value)) return toPlainText(value, { model, attribute });
  const { __key: _, __component, ...values } = value;
  const component = componentOf(model, __component);
  const attributes = component?.attributes ?? {};
  const lines = Object.entries(values)
    .filter(([, part]) => !isEmpty(part))
    .map(([name, part]) => `${labelOf(name, attributes[name])}: ${toReadableText(model, part, attributes[name])}`);
  return [component?.displayName ?? __component, ...lines].join('\n');
}
