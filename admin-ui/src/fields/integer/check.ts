import type { Attribute } from '@/api/model';
import { checkWhole } from '../shared/checks';
import type { ValueProblem } from '../types';

/** What the databases keep: 32 bits. */
const BOUNDS = ['-2147483648', '2147483647'] as const;

/** A whole number within the bounds of the attribute and of the database. */
export function check(attribute: Attribute, value: unknown): ValueProblem | null {
  return checkWhole(attribute, value, BOUNDS);
}
