import type { Operator } from '../types';

/** All operators of the query language that compare a value. */
export const OPERATORS: readonly Operator[] = [
  '$eq',
  '$eqi',
  '$ne',
  '$nei',
  '$in',
  '$notIn',
  '$lt',
  '$lte',
  '$gt',
  '$gte',
  '$between',
  '$contains',
  '$containsi',
  '$notContains',
  '$notContainsi',
  '$startsWith',
  '$startsWithi',
  '$endsWith',
  '$endsWithi',
  '$null',
  '$notNull',
];

const presence = ['$null', '$notNull'] as const;

/**
 * What a kind of value can be filtered by. Parts of texts are always compared without case: `$contains` is `$containsi`, so
 * that one of the two is offered.
 */
export const textOperators: readonly Operator[] = [
  '$containsi',
  '$notContainsi',
  '$eq',
  '$ne',
  '$eqi',
  '$nei',
  '$startsWithi',
  '$endsWithi',
  '$in',
  '$notIn',
  ...presence,
];
export const longTextOperators: readonly Operator[] = ['$containsi', '$notContainsi', ...presence];
export const orderedOperators: readonly Operator[] = [
  '$eq',
  '$ne',
  '$gt',
  '$gte',
  '$lt',
  '$lte',
  '$between',
  '$in',
  '$notIn',
  ...presence,
];
export const choiceOperators: readonly Operator[] = ['$eq', '$ne', '$in', '$notIn', ...presence];
export const booleanOperators: readonly Operator[] = ['$eq', '$ne', ...presence];
export const presenceOperators: readonly Operator[] = presence;

export function isOperator(key: string): key is Operator {
  return (OPERATORS as readonly string[]).includes(key);
}

/** Whether the operator takes no value. */
export function takesNoValue(operator: Operator): boolean {
  return operator === '$null' || operator === '$notNull';
}

/** Whether it takes several. */
export function takesMany(operator: Operator): boolean {
  return operator === '$in' || operator === '$notIn' || operator === '$between';
}
