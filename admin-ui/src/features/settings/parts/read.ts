/** Reads search parameters, which anyone can type. */
export const read = {
  text: (value: unknown): string | undefined => {
    // A word of digits alone comes as a number.
    const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : '';
    return text && text.length <= 300 ? text : undefined;
  },
  oneOf: <const Word extends string>(value: unknown, words: readonly Word[]): Word | undefined => words.find((word) => word === value),
  number: (value: unknown): number | undefined => {
    const number = Number(value);
    return value !== '' && value !== null && value !== undefined && Number.isSafeInteger(number) && number > 0 ? number : undefined;
  },
};
