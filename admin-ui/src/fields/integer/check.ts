import type { Attribute } from '@/api/model';
import { checkNumber, compareNumbers, isEmpty } from '../shared/checks';
import type { ValueProblem } from '../types';

/** What the databases keep: 32 bits. */
const [smallest, largest] = ['-2147483648', '2147483647'];

/** A whole number within the bounds of the attribute and of the database. */
export function check(attribute: Attribute, value: unknown): ValueProblem | null {
  const problem = checkNumber(attribute, value, true);
  if (problem || isEmpty(value)) return problem;
  const text = String(value);
  const outside = compareNumbers(text, smallest) < 0 || compareNumbers(text, largest) > 0;
  return outside ? { key: 'outOfRange', params: { min: smallest, max: largest } } : null;
}
