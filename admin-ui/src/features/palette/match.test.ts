import { expect, test } from 'vitest';
import { matchScore } from './match';

test('all words must match', () => {
  expect(matchScore('web hooks', 'Webhooks', 'deliveries')).toBeGreaterThan(0);
  expect(matchScore('web tokens', 'Webhooks', 'deliveries')).toBe(0);
});

test('matches at the start rank above the middle, the label above keywords', () => {
  expect(matchScore('set', 'Settings')).toBeGreaterThan(matchScore('set', 'Data set'));
  expect(matchScore('set', 'Data set')).toBeGreaterThan(matchScore('set', 'Reset'));
  expect(matchScore('set', 'Reset')).toBeGreaterThan(matchScore('set', 'Other', 'settings'));
});

test('accents and case are ignored', () => {
  expect(matchScore('CAFE', 'Café')).toBeGreaterThan(0);
});
