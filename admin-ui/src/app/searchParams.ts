/** A word or sentence of the search parameters, which anyone can type. */
export function readText(value: unknown): string | undefined {
  // A word of digits alone comes as a number.
  const found = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : '';
  return found && found.length <= 300 ? found : undefined;
}

/** One of some words. */
export function readOneOf<const Word extends string>(value: unknown, words: readonly Word[]): Word | undefined {
  return words.find((word) => word === value);
}

/** A whole number above zero. */
export function readNumber(value: unknown): number | undefined {
  const found = typeof value === 'number' || (typeof value === 'string' && value !== '') ? Number(value) : Number.NaN;
  return Number.isSafeInteger(found) && found > 0 ? found : undefined;
}
