import i18next from 'i18next';
import { type Attribute, componentOf, type Model } from '@/api/model';
import { isRecord } from '@/fields/form/values';
import { textOfBlocks } from '@/fields/form/summary';
import { labelOf, valueLabelOf } from '@/fields/label';
import { formatClock, formatDay, formatMoment } from '@/fields/shared/format';

/** What a value belongs to, as far as that is known: names of its parts and words for its values come from there. */
interface ValueContext {
  model?: Model | undefined;
  attribute?: Attribute | undefined;
}

/** A text as people read it: days and moments in the reader's notation, values of an enumeration by their labels. */
function textOf(attribute: Attribute | undefined, value: string): string {
  switch (attribute?.type) {
    case 'date':
      return formatDay(value);
    case 'datetime':
    case 'timestamp':
      return formatMoment(value);
    case 'time':
      return formatClock(value);
    default:
      return valueLabelOf(attribute, value);
  }
}

/** A value of whatever kind as text that a person can compare: titles of what it leads to, names of files, texts of blocks. */
export function toPlainText(value: unknown, of: ValueContext = {}, depth = 0): string {
  const { model, attribute } = of;
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return textOf(attribute, value);
  if (typeof value === 'boolean') return i18next.t(value ? 'common:yes' : 'common:no');
  if (typeof value !== 'object') return String(value);
  if (depth > 6) return '…';
  if (Array.isArray(value)) {
    const text = value.some((part) => isRecord(part) && 'children' in part) ? value.map(textOfBlocks).join('\n') : '';
    return text || value.map((part) => toPlainText(part, of, depth + 1)).join('\n');
  }
  if (!isRecord(value)) return '';
  if (value.noAccess === true) return i18next.t('fields:cell.noAccess');
  if (typeof value.documentId === 'string' && (value.title !== undefined || value.name !== undefined))
    return String(value.title ?? value.name);
  if (typeof value.url === 'string' && typeof value.name === 'string') return value.name;
  const component = typeof value.__component === 'string' ? value.__component : attribute?.component;
  const attributes = (model && componentOf(model, component)?.attributes) ?? {};
  return Object.entries(value)
    .filter(
      ([name, part]) =>
        !['id', '__key', '__component'].includes(name) && part !== null && part !== undefined && part !== '',
    )
    .map(([name, part]) => {
      const inner = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
      return `${inner ? labelOf(name, inner) : name}: ${toPlainText(part, { model, attribute: inner }, depth + 1)}`;
    })
    .join('\n');
}
