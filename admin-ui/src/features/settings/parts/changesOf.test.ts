import { expect, test } from 'vitest';
import { changesOf, orDefault } from './changesOf';

test('only what differs is sent, also inside', () => {
  const kept = { open: true, url: 'https://a.example' as string | null, inside: { a: 1, b: 2 } };
  expect(changesOf(kept, { ...kept })).toEqual({});
  expect(changesOf(kept, { open: false, url: null, inside: { a: 1, b: 3 } })).toEqual({
    open: false,
    url: null,
    inside: { b: 3 },
  });
});

test('nothing typed is the default', () => {
  expect(orDefault('  ')).toBeNull();
  expect(orDefault(' a ')).toBe('a');
});
