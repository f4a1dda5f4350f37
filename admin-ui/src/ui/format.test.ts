import i18next from 'i18next';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { formatBytes, formatDate, formatNumber, formatTime, readerLocale } from './format';

const MOMENT = new Date(2026, 10, 28, 18, 14);

function browserSpeaks(...languages: string[]): void {
  vi.stubGlobal('navigator', { languages });
}

beforeEach(() => i18next.init({ lng: 'en', resources: { en: { any: { a: 'a' } }, nl: { any: { a: 'a' } } } }));
afterEach(() => vi.unstubAllGlobals());

test('the hours and days of the region that the browser names', () => {
  browserSpeaks('en-GB', 'en-US', 'en');
  expect(formatTime(MOMENT)).toBe('18:14');
  expect(formatDate(MOMENT, { dateStyle: 'short' })).toBe('28/11/2026');

  browserSpeaks('en-US');
  expect(formatTime(MOMENT)).toMatch(/^6:14\sPM$/);
  expect(formatDate(MOMENT, { dateStyle: 'short' })).toBe('11/28/26');
});

test('the language of the admin decides, and the browser its region', async () => {
  browserSpeaks('de-DE', 'en-GB', 'nl-BE');
  expect(readerLocale()).toBe('en-GB');
  await i18next.changeLanguage('nl');
  expect(readerLocale()).toBe('nl-BE');
  expect(formatNumber(3336)).toBe('3.336');
});

test('the language alone where the browser names no region of it, or one that is none', () => {
  browserSpeaks('nl-NL', 'en', 'en-US@posix');
  expect(readerLocale()).toBe('en');
  expect(formatTime(MOMENT)).toMatch(/^6:14\sPM$/);
});

test('bytes are counted in words, and what is larger in units', async () => {
  expect(formatBytes(1)).toBe('1 byte');
  expect(formatBytes(668)).toBe('668 bytes');
  expect(formatBytes(1_234_000)).toBe('1.2 MB');
  await i18next.changeLanguage('nl');
  expect(formatBytes(668)).toBe('668 byte');
  expect(formatBytes(1_234_000)).toBe('1,2 MB');
});
