import type { Operator } from '@/fields/types';

/** Spans of time that move with today. */
export const SPAN_UNITS = ['day', 'week', 'month', 'year'] as const;

export type SpanUnit = (typeof SPAN_UNITS)[number];

/** `{last: 7, unit: 'day'}`: the seven days up to now; `{this: 'month'}`: all of this month. */
export type Span = { last: number; unit: SpanUnit } | { next: number; unit: SpanUnit } | { this: SpanUnit };

/** Whoever looks: their address. */
export interface CurrentUserValue {
  me: true;
}

export type FilterValue = string | readonly string[] | Span | CurrentUserValue;

/** The operators of the content API, and two for spans. */
export type FilterOperator = Operator | '$within' | '$notWithin';

/** What one field has to be. */
export interface FilterCondition {
  /** Path of the field: `title`, `vehicle.name`. */
  field: string;
  operator: FilterOperator;
  /** None for `$null` and `$notNull`. */
  value?: FilterValue;
}

/** Conditions of which all, or any, hold. */
export type FilterGroup = { and: readonly FilterNode[] } | { or: readonly FilterNode[] };

export type FilterNode = FilterCondition | FilterGroup;

export type Combine = 'and' | 'or';

/** Groups within groups, as deep as somebody can still read. */
export const MAX_FILTER_DEPTH = 4;

/** Conditions of one filter at most. */
export const MAX_CONDITIONS = 50;

export const NO_FILTER: FilterGroup = { and: [] };

export function isGroup(node: FilterNode): node is FilterGroup {
  return 'and' in node || 'or' in node;
}

export function combineOf(group: FilterGroup): Combine {
  return 'or' in group ? 'or' : 'and';
}

export function nodesOf(group: FilterGroup): readonly FilterNode[] {
  return 'or' in group ? group.or : group.and;
}

export function groupOf(combine: Combine, nodes: readonly FilterNode[]): FilterGroup {
  return combine === 'or' ? { or: nodes } : { and: nodes };
}

/** How many conditions there are, at whatever depth. */
export function countConditions(node: FilterNode): number {
  return isGroup(node) ? nodesOf(node).reduce((sum, inner) => sum + countConditions(inner), 0) : 1;
}

export function isSpan(value: FilterValue | undefined): value is Span {
  return typeof value === 'object' && !Array.isArray(value) && ('last' in value || 'next' in value || 'this' in value);
}

export function isMe(value: FilterValue | undefined): value is CurrentUserValue {
  return typeof value === 'object' && !Array.isArray(value) && 'me' in value;
}

/** Whether the operator stands by itself. */
export function takesNoValue(operator: FilterOperator): boolean {
  return operator === '$null' || operator === '$notNull';
}

/** Whether a condition says enough to be asked. */
export function isComplete({ operator, value }: FilterCondition): boolean {
  if (takesNoValue(operator)) return true;
  if (value === undefined || value === '') return false;
  if (Array.isArray(value))
    return operator === '$between' ? value.length === 2 && value.every(Boolean) : value.length > 0;
  return true;
}
