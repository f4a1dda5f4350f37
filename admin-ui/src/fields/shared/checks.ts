import type { Attribute } from '@/api/model';
import type { ValueProblem } from '../types';

/** Whether there is nothing in it. */
export function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

/** Length and pattern of a text. Lengths count characters as the server does: code points, not UTF-16 units. */
export function checkText(attribute: Attribute, value: unknown): ValueProblem | null {
  if (typeof value !== 'string' || value === '') return null;
  const length = [...value].length;
  if (attribute.maxLength !== undefined && length > attribute.maxLength) {
    return { key: 'tooLong', params: { max: attribute.maxLength, length } };
  }
  if (attribute.minLength !== undefined && length < attribute.minLength) {
    return { key: 'tooShort', params: { min: attribute.minLength, length } };
  }
  if (attribute.regex) {
    try {
      if (!new RegExp(attribute.regex, 'u').test(value))
        return { key: 'pattern', params: { pattern: attribute.regex } };
    } catch {
      // A pattern of the server's language that the browser's does not know: the server checks it.
    }
  }
  return null;
}

/** A number in the notation of JSON without exponent; of any length. */
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)$/;
const INTEGER = /^[+-]?\d+$/;

/** Compares two numbers given as text, without losing digits. */
function compareNumbers(left: string, right: string): number {
  const [a, b] = [parseDecimal(left), parseDecimal(right)];
  if (a.sign !== b.sign) return a.sign - b.sign;
  const fractionDigits = Math.max(a.fraction.length, b.fraction.length);
  const x = BigInt(a.whole + a.fraction.padEnd(fractionDigits, '0'));
  const y = BigInt(b.whole + b.fraction.padEnd(fractionDigits, '0'));
  if (x === y) return 0;
  return (x < y ? -1 : 1) * (a.sign === 0 ? 1 : a.sign);
}

function parseDecimal(text: string): { sign: number; whole: string; fraction: string } {
  const [whole = '', fraction = ''] = text.replace(/^[+-]/, '').split('.');
  const zero = /^0*$/.test(whole + fraction);
  const sign = zero ? 0 : text.startsWith('-') ? -1 : 1;
  return { sign, whole: whole || '0', fraction };
}

/** A number, given as number or text, and its bounds. */
export function checkNumber(attribute: Attribute, value: unknown, whole: boolean): ValueProblem | null {
  if (isEmpty(value)) return null;
  const text = typeof value === 'number' ? plainNotation(value) : String(value).trim();
  if (!DECIMAL.test(text)) return { key: 'notANumber' };
  if (whole && !INTEGER.test(text)) return { key: 'notAnInteger' };
  const [min, max] = [toBound(attribute.min), toBound(attribute.max)];
  if (min !== null && compareNumbers(text, min) < 0) return { key: 'tooSmall', params: { min } };
  if (max !== null && compareNumbers(text, max) > 0) return { key: 'tooLarge', params: { max } };
  return null;
}

/** A whole number within the bounds of the attribute and of what the databases keep. */
export function checkWhole(
  attribute: Attribute,
  value: unknown,
  [smallest, largest]: readonly [smallest: string, largest: string],
): ValueProblem | null {
  const problem = checkNumber(attribute, value, true);
  if (problem || isEmpty(value)) return problem;
  const text = String(value);
  const outside = compareNumbers(text, smallest) < 0 || compareNumbers(text, largest) > 0;
  return outside ? { key: 'outOfRange', params: { min: smallest, max: largest } } : null;
}

function toBound(value: number | string | undefined): string | null {
  if (value === undefined || value === '') return null;
  const text = typeof value === 'number' ? plainNotation(value) : value;
  return DECIMAL.test(text) ? text : null;
}

/** `1e21` written out; numbers of JavaScript turn to exponents there. */
export function plainNotation(value: number): string {
  if (!Number.isFinite(value)) return '';
  const text = String(value);
  return text.includes('e') ? value.toLocaleString('en', { useGrouping: false, maximumSignificantDigits: 21 }) : text;
}

/** How many items a list has. */
export function checkCount(attribute: Attribute, value: unknown): ValueProblem | null {
  const count = Array.isArray(value) ? value.length : 0;
  if (count === 0) return null;
  if (attribute.min !== undefined && count < Number(attribute.min))
    return { key: 'tooFew', params: { min: attribute.min, count } };
  if (attribute.max !== undefined && count > Number(attribute.max))
    return { key: 'tooMany', params: { max: attribute.max, count } };
  return null;
}

/** A day: `2026-11-21`, one that there is. */
export function isDay(value: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const date = new Date(Date.UTC(2000, 0, 1));
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** A time of day: `09:30`, `09:30:15.250`. */
export function isTime(value: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,3})?)?$/.test(value);
}
