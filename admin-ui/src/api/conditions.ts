import type { AttributeType } from './model';

/** Kinds whose values a condition cannot compare, as on the server. */
export const INCOMPARABLE_TYPES: readonly AttributeType[] = [
  'relation',
  'media',
  'component',
  'dynamiczone',
  'password',
];

/** Names of the attributes that a rule looks at. */
export function variablesOf(rule: unknown): string[] {
  if (Array.isArray(rule)) return [...new Set(rule.flatMap(variablesOf))];
  if (typeof rule !== 'object' || rule === null) return [];
  return [
    ...new Set(
      Object.entries(rule).flatMap(([operator, operand]) =>
        operator === 'var'
          ? [String(Array.isArray(operand) ? operand[0] : operand).split('.')[0] ?? '']
          : variablesOf(operand),
      ),
    ),
  ];
}
