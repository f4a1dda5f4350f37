import { expect, it } from 'vitest';
import { excerpt, pieces } from './Marked';

it('cuts a text at what was looked for, whatever the case', () => {
  expect(pieces('The Brake, brakes', 'brake')).toEqual(['The ', 'Brake', ', ', 'brake', 's']);
  expect(pieces('The brake', '')).toEqual(['The brake']);
  expect(pieces('a.b', '.')).toEqual(['a', '.', 'b']);
  // The capital of this letter is two letters in lower case.
  expect(pieces('İstanbul', 'stan')).toEqual(['İstanbul']);
});

it('shows of a long text what is around the first place', () => {
  const text = `${'x'.repeat(300)} brake ${'y'.repeat(300)}`;
  expect(excerpt(text, 'brake', 40)).toBe(`…${'x'.repeat(23)} brake ${'y'.repeat(10)}…`);
  expect(excerpt(text, '', 3)).toBe('xxx…');
  expect(excerpt('short', 'ort', 40)).toBe('short');
});
