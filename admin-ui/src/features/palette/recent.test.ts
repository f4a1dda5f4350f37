import { beforeEach, expect, test } from 'vitest';
import { recent, remember } from './recent';

beforeEach(() => localStorage.clear());

test('the newest is first, each page once, eight at most', () => {
  for (let at = 0; at < 12; at += 1) remember(1, `/page/${at}`, `Page ${at} · Site`);
  remember(1, '/page/9', 'Page 9, renamed · Site');
  expect(recent(1)).toHaveLength(8);
  expect(recent(1)[0]).toEqual({ href: '/page/9', title: 'Page 9, renamed' });
  expect(recent(1).filter((visit) => visit.href === '/page/9')).toHaveLength(1);
  expect(recent(2)).toEqual([]);
});

test.each([
  'not json',
  '{}',
  '[{"href":"https://evil.example","title":"x"},{"href":"//evil.example","title":"x"},{"href":"/\\\\evil","title":"x"}]',
])('whatever else is stored is nothing: %s', (stored) => {
  localStorage.setItem('cairn.recent.1', stored);
  expect(recent(1)).toEqual([]);
});
