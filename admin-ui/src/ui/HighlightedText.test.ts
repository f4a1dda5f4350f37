import { expect, it } from 'vitest';
import { excerpt, splitAtMatches } from './HighlightedText';

it('splits a text at the search words, ignoring case', () => {
  expect(splitAtMatches('The Brake, brakes', 'brake')).toEqual(['The ', 'Brake', ', ', 'brake', 's']);
  expect(splitAtMatches('The brake', '')).toEqual(['The brake']);
  expect(splitAtMatches('a.b', '.')).toEqual(['a', '.', 'b']);
  // The capital of this letter is two letters in lower case.
  expect(splitAtMatches('İstanbul', 'stan')).toEqual(['İstanbul']);
});

it('shows the part of a long text around the first match', () => {
  const text = `${'x'.repeat(300)} brake ${'y'.repeat(300)}`;
  expect(excerpt(text, 'brake', 40)).toBe(`…${'x'.repeat(23)} brake ${'y'.repeat(10)}…`);
  expect(excerpt(text, '', 3)).toBe('xxx…');
  expect(excerpt('short', 'ort', 40)).toBe('short');
});
