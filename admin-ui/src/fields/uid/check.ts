import type { Attribute } from '@/api/model';
import { checkText } from '../shared/checks';
import type { ValueProblem } from '../types';

/** Strapi's characters of a uid. */
const characters = /^[A-Za-z0-9-_.~]*$/;

export function checkUid(attribute: Attribute, value: unknown): ValueProblem | null {
  if (typeof value !== 'string' || value === '') return null;
  return characters.test(value) ? checkText(attribute, value) : { key: 'notUid' };
}
