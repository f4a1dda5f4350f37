import i18next, { type i18n } from 'i18next';
import { beforeAll, expect, test } from 'vitest';
import { amounts, interpolation } from '.';
import list from './en/list.json';
import views from './en/views.json';

beforeAll(async () => {
  const texts: i18n = i18next.use(amounts);
  await texts.init({ lng: 'en', ns: ['list', 'views'], resources: { en: { list, views } }, interpolation });
});

test('counts are grouped as the reader writes them', () => {
  expect(i18next.t('views:board.limit', { count: 3336, limit: 4 })).toBe('3,336 cards, at most 4');
  expect(i18next.t('{{count}} of {{total}}', { count: 12_000, total: 20_012 })).toBe('12,000 of 20,012');
});

test('years, versions and words stay as they are', () => {
  expect(i18next.t('{{year}} {{number}} {{title}}', { year: 2026, number: 1500, title: 'A & B' })).toBe(
    '2026 1500 A & B',
  );
  expect(i18next.t('{{count}}', { count: '3,336' as unknown as number })).toBe('3,336');
});
