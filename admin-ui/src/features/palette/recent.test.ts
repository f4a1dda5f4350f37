// @vitest-environment jsdom
import { beforeEach, expect, test } from 'vitest';
import { recentVisits, saveVisit } from './recent';

beforeEach(() => localStorage.clear());

test('lists at most eight pages once each, newest first', () => {
  for (let at = 0; at < 12; at += 1) saveVisit(1, `/page/${at}`, `Page ${at} · Site`);
  saveVisit(1, '/page/9', 'Page 9, renamed · Site');
  expect(recentVisits(1)).toHaveLength(8);
  expect(recentVisits(1)[0]).toEqual({ href: '/page/9', title: 'Page 9, renamed' });
  expect(recentVisits(1).filter((visit) => visit.href === '/page/9')).toHaveLength(1);
  expect(recentVisits(2)).toEqual([]);
});

test.each([
  'not json',
  '{}',
  '[{"href":"https://evil.example","title":"x"},{"href":"//evil.example","title":"x"},{"href":"/\\\\evil","title":"x"}]',
])('invalid stored data is ignored: %s', (stored) => {
  localStorage.setItem('cairn.recent.1', stored);
  expect(recentVisits(1)).toEqual([]);
});
