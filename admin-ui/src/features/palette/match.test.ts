import { expect, test } from 'vitest';
import { alikeScore, matchScore } from './match';

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

test('one letter may be wrong in each word, also while it is being typed', () => {
  expect(alikeScore('calndar', 'Calendar')).toBeGreaterThan(0);
  expect(alikeScore('calnd', 'Calendar')).toBeGreaterThan(0);
  expect(alikeScore('new nwes', 'New News')).toBeGreaterThan(0);
  expect(alikeScore('drak', 'Dark colours')).toBeGreaterThan(0);
  expect(alikeScore('shedule', 'Calendar', 'schedule planning')).toBeGreaterThan(0);
  expect(alikeScore('calndr', 'Calendar')).toBe(0);
  expect(alikeScore('calndar rules', 'Calendar')).toBe(0);
});

test('short words have to be right, and the label ranks above the keywords', () => {
  expect(alikeScore('nws', 'News')).toBe(0);
  expect(alikeScore('wbhooks', 'Webhooks')).toBeGreaterThan(alikeScore('wbhooks', 'Other', 'webhooks'));
});

test('each word needs a part of its own', () => {
  expect(matchScore('new news', 'New News')).toBeGreaterThan(matchScore('new news', 'News', 'News'));
  expect(matchScore('new news', 'News')).toBe(0);
  expect(alikeScore('new nwes', 'New News')).toBeGreaterThan(alikeScore('new nwes', 'News', 'News'));
});

test('a word with a letter too many is the least alike', () => {
  expect(alikeScore('nesw', 'News')).toBeGreaterThan(alikeScore('nesw', 'New dashboard'));
});
