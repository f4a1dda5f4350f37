import { expect, test } from 'vitest';
import { formatMicros, place, scaleOf } from './detail/times';
import { readViewSearch, viewSearchOf } from './routes';
import { shortKey, standingOf } from './state';

test('switched on is not yet running', () => {
  expect(standingOf({ state: 'enabled', running: true, problem: null })).toEqual({ word: 'running', tone: 'good' });
  expect(standingOf({ state: 'enabled', running: false, problem: null }).word).toBe('starting');
  expect(standingOf({ state: 'enabled', running: false, problem: 'its package was changed' })).toEqual({
    word: 'failing',
    tone: 'bad',
  });
  expect(standingOf({ state: 'quarantined', running: false, problem: null }).tone).toBe('bad');
});

test('a key is shown by its ends', () => {
  expect(shortKey(`ed25519:${'a'.repeat(60)}9f2c`)).toBe('ed25519:aaaaaaaa…9f2c');
  expect(shortKey('ed25519:abc')).toBe('ed25519:abc');
});

test('times stand on one scale, by orders of magnitude', () => {
  const scale = scaleOf([100, null, 10_000]);
  expect(
    [place(100, scale), place(1000, scale), place(10_000, scale), place(1, scale), place(1e9, scale)].map(Math.round),
  ).toEqual([0, 50, 100, 0, 100]);
  expect(scaleOf([])).toEqual([1, 10]);
  expect(scaleOf([5])).toEqual([5, 50]);
  expect(formatMicros(340)).toContain('340');
  expect(formatMicros(1_500_000)).toContain('1.5');
});

test('an address hands over words alone, and not too many', () => {
  const read = readViewSearch({
    tab: 'open',
    filters: { and: [] },
    week: 12,
    long: 'x'.repeat(500),
    'Not-a-name': 'x',
    deep: { a: 1 },
    on: true,
  });
  expect(viewSearchOf(read)).toEqual({ tab: 'open', filters: { and: [] }, parameters: { week: '12', on: 'true' } });
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`p${at}`, 'x']));
  expect(Object.keys(readViewSearch(many))).toHaveLength(20);
});
