import { expect, test } from 'vitest';
import { isOneEditAway } from './edits';

test.each([
  ['calendar', 'calendar'],
  ['calendr', 'calendar'],
  ['callendar', 'calendar'],
  ['calemdar', 'calendar'],
  ['claendar', 'calendar'],
  ['calendra', 'calendar'],
  ['alendar', 'calendar'],
  ['calendars', 'calendar'],
  ['', 'a'],
])('%s is one slip from %s, both ways', (a, b) => {
  expect(isOneEditAway(a, b)).toBe(true);
  expect(isOneEditAway(b, a)).toBe(true);
});

test.each([
  ['calndr', 'calendar'],
  ['caelndra', 'calendar'],
  ['abc', 'cab'],
  ['acb', 'bca'],
  ['', 'ab'],
  ['news', 'view'],
])('%s is more than a slip from %s, both ways', (a, b) => {
  expect(isOneEditAway(a, b)).toBe(false);
  expect(isOneEditAway(b, a)).toBe(false);
});
