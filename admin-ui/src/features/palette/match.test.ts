import { expect, test } from 'vitest';
import { score } from './match';

test('all words have to be somewhere', () => {
  expect(score('web hooks', 'Webhooks', 'deliveries')).toBeGreaterThan(0);
  expect(score('web tokens', 'Webhooks', 'deliveries')).toBe(0);
});

test('the start counts more than the middle, the label more than the rest', () => {
  expect(score('set', 'Settings')).toBeGreaterThan(score('set', 'Data set'));
  expect(score('set', 'Data set')).toBeGreaterThan(score('set', 'Reset'));
  expect(score('set', 'Reset')).toBeGreaterThan(score('set', 'Other', 'settings'));
});

test('accents and capitals do not matter', () => {
  expect(score('CAFE', 'Café')).toBeGreaterThan(0);
});
