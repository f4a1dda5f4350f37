import type { Attribute, ContentType, Model } from '@/api/model';
import type { QueryValue } from '@/api/queryString';
import {
  combineOf,
  type FilterCondition,
  type FilterNode,
  type FilterValue,
  isComplete,
  isGroup,
  isMe,
  isSpan,
  nodesOf,
} from './filter';
import { resolveField } from '../fieldPath';
import { localDay, resolveSpan } from './span';

/** What a filter is asked with. */
export interface FilterContext {
  model: Model;
  type: ContentType;
  now: Date;
  /** The address of whoever looks. */
  me: string;
}

type ApiFilters = { readonly [key: string]: QueryValue };

/** A filter as the content API takes it; `undefined` where it asks nothing. Conditions that are not complete are left out. */
export function toQuery(node: FilterNode, context: FilterContext): ApiFilters | undefined {
  if (!isGroup(node)) return isComplete(node) ? conditionFilter(node, context) : undefined;
  const parts = nodesOf(node)
    .map((inner) => toQuery(inner, context))
    .filter((part) => part !== undefined);
  if (parts.length === 0) return undefined;
  return parts.length === 1 ? parts[0] : { [combineOf(node) === 'or' ? '$or' : '$and']: parts };
}

function conditionFilter({ field, operator, value }: FilterCondition, context: FilterContext): ApiFilters {
  const attribute = resolveField(context.model, context.type, field)?.attribute;
  if (operator === '$null' || operator === '$notNull') return nestFilter(field, { [operator]: true });
  if ((operator === '$within' || operator === '$notWithin') && isSpan(value)) {
    const range = resolveSpan(value, context.now);
    const bound = attribute?.type === 'date' ? localDay : (date: Date): string => date.toISOString();
    const inside = { $gte: bound(range.from), $lt: bound(range.to) };
    const within = nestFilter(field, inside);
    return operator === '$within' ? within : { $not: within };
  }
  const test = { [operator]: operandValue(value, context) };
  // A relation is compared by the documents it leads to.
  return nestFilter(
    field,
    attribute?.type === 'relation' ? { documentId: test } : attribute?.type === 'media' ? { id: test } : test,
  );
}

function operandValue(value: FilterValue | undefined, context: FilterContext): QueryValue {
  if (isMe(value)) return context.me;
  return value as string | readonly string[];
}

function nestFilter(field: string, inner: ApiFilters): ApiFilters {
  return field.split('.').reduceRight<ApiFilters>((nested, name) => ({ [name]: nested }), inner);
}

/** Whether a field is one of time, for which spans make sense. */
export function isTime(attribute: Attribute | undefined): boolean {
  return attribute !== undefined && ['date', 'datetime', 'timestamp'].includes(attribute.type);
}
