// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { formatMicros, scalePosition, scaleOf } from './detail/times';
import { readViewSearch, viewSearchOf } from './addresses';
import { shortKey, pluginStateLabel } from './state';

test('an enabled plugin is not necessarily running', () => {
  expect(pluginStateLabel({ state: 'enabled', running: true, problem: null })).toEqual({
    state: 'running',
    tone: 'good',
  });
  expect(pluginStateLabel({ state: 'enabled', running: false, problem: null }).state).toBe('starting');
  expect(pluginStateLabel({ state: 'enabled', running: false, problem: 'its package was changed' })).toEqual({
    state: 'failing',
    tone: 'bad',
  });
  expect(pluginStateLabel({ state: 'quarantined', running: false, problem: null }).tone).toBe('bad');
});

test('a key is abbreviated', () => {
  expect(shortKey(`ed25519:${'a'.repeat(60)}9f2c`)).toBe('ed25519:aaaaaaaa…9f2c');
  expect(shortKey('ed25519:abc')).toBe('ed25519:abc');
});

test('times share a logarithmic scale', () => {
  const scale = scaleOf([100, null, 10_000]);
  expect(
    [
      scalePosition(100, scale),
      scalePosition(1000, scale),
      scalePosition(10_000, scale),
      scalePosition(1, scale),
      scalePosition(1e9, scale),
    ].map(Math.round),
  ).toEqual([0, 50, 100, 0, 100]);
  expect(scaleOf([])).toEqual([1, 10]);
  expect(scaleOf([5])).toEqual([5, 50]);
  expect(formatMicros(340)).toContain('340');
  expect(formatMicros(1_500_000)).toContain('1.5');
});

test('an address passes only strings, up to a limit', () => {
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
