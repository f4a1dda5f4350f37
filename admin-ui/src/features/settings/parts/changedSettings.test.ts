import { expect, test } from 'vitest';
import { changedSettings, emptyToNull } from './changedSettings';

test('only changed values are sent, also nested ones', () => {
  const kept = { open: true, url: 'https://a.example' as string | null, inside: { a: 1, b: 2 } };
  expect(changedSettings(kept, { ...kept })).toEqual({});
  expect(changedSettings(kept, { open: false, url: null, inside: { a: 1, b: 3 } })).toEqual({
    open: false,
    url: null,
    inside: { b: 3 },
  });
});

test('an empty text means the default', () => {
  expect(emptyToNull('  ')).toBeNull();
  expect(emptyToNull(' a ')).toBe('a');
});
