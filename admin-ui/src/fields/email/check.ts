import type { Attribute } from '@/api/model';
import { checkText } from '../shared/checks';
import type { ValueProblem } from '../types';

/** Something before and after one `@`, a dot after it. The server knows better; this catches what was mistyped. */
export function checkEmail(attribute: Attribute, value: unknown): ValueProblem | null {
  if (typeof value !== 'string' || value === '') return null;
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) return { key: 'notAnEmail' };
  return checkText(attribute, value);
}
