import i18next, { type TFunction } from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import en from '@/i18n/en/workingCalendars.json';
import { newHolidayDraft } from './calendarDraft';
import { parseDateRule } from './dateRule';
import { describeHoliday, formatHours, formatSpans, holidayName } from './describe';

let t: TFunction;

beforeAll(async () => {
  t = await i18next.createInstance().init({
    lng: 'en',
    ns: ['workingCalendars'],
    resources: { en: { workingCalendars: en } },
    interpolation: { escapeValue: false },
  });
});

describe('a holiday in words', () => {
  it.each([
    ['2026-04-27', 'Monday, April 27, 2026'],
    ['12-25', 'Every year on December 25'],
    ['02-30', 'Every year on February 30'],
    ['easter', 'Easter Sunday'],
    ['easter-2', '2 days before Easter Sunday'],
    ['easter+1', '1 day after Easter Sunday'],
    ['last friday of 07', 'The last Friday of July'],
    ['new-moon', 'new-moon'],
  ])('%s', (date, words) => {
    expect(describeHoliday(t, { ...newHolidayDraft(), rule: parseDateRule(date) })).toBe(words);
  });

  it('says that there is more to it', () => {
    const holiday = { ...newHolidayDraft(), rule: parseDateRule('05-05'), moved: { sunday: 1 }, every: { years: 5 } };
    expect(describeHoliday(t, holiday)).toBe('Every year on May 5 · moved on some weekdays · only in certain years');
    expect(holidayName(t, holiday)).toBe('Every year on May 5');
    expect(holidayName(t, { ...holiday, name: 'Liberation Day' })).toBe('Liberation Day');
    expect(describeHoliday(t, newHolidayDraft())).toBe('No date yet');
  });
});

it('hours and spans are written out', () => {
  expect([0, 30, 60, 2300].map((minutes) => formatHours(minutes))).toEqual([
    '0 hours',
    '30 minutes',
    '1 hour',
    '38 hours 20 minutes',
  ]);
  expect(formatHours(450, 'short')).toBe('7 hr 30 min');
  expect(formatSpans(['09:00-12:30', '13:00-17:00'])).toBe('09:00–12:30, 13:00–17:00');
});
