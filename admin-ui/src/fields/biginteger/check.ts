import type { Attribute } from '@/api/model';
import { checkWhole } from '../shared/checks';
import type { ValueProblem } from '../types';

/** What the databases keep: 64 bits. */
const BOUNDS = ['-9223372036854775808', '9223372036854775807'] as const;

/** A whole number within the bounds of the attribute and of the database. */
export function check(attribute: Attribute, value: unknown): ValueProblem | null {
  return checkWhole(attribute, value, BOUNDS);
}
