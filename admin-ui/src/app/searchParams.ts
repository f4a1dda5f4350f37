/** A word or sentence of the search parameters, which anyone can type. */
export function text(value: unknown): string | undefined {
  // A word of digits alone comes as a number.
  const found = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : '';
  return found && found.length <= 300 ? found : undefined;
}

/** One of some words. */
export function oneOf<const Word extends string>(value: unknown, words: readonly Word[]): Word | undefined {
  return words.find((word) => word === value);
}

/** A whole number above zero. */
export function number(value: unknown): number | undefined {
  const found = typeof value === 'number' || (typeof value === 'string' && value !== '') ? Number(value) : Number.NaN;
  return Number.isSafeInteger(found) && found > 0 ? found : undefined;
}
