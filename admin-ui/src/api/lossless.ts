/** What a reviver is told beside key and value, where the browser knows it (Chrome 114, Firefox 135, Safari 18.4). */
export interface ReviverContext {
  source?: string;
}

/** Sixteen digits or more in a row, with a point in between or not. */
const LONG_NUMBER = /\d[\d.]{15,}/;

/** A number whose digits JavaScript does not keep, as it was written. */
function preserveDigits(_key: string, value: unknown, context?: ReviverContext): unknown {
  const source = context?.source;
  return typeof value === 'number' && source !== undefined && /^-?\d+(\.\d+)?$/.test(source) && String(value) !== source
    ? source
    : value;
}

/**
 * Reads JSON; numbers that JavaScript would round are left as text, with all their digits. Decimals of the content are such
 * numbers: `12345678901234567.89` read as a number would be saved back changed by who never touched it.
 */
export function parseLossless(text: string): unknown {
  // Looking at each value costs; most texts have no number that long.
  return LONG_NUMBER.test(text) ? JSON.parse(text, preserveDigits) : JSON.parse(text);
}
