import i18next, { type TFunction } from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import en from '@/i18n/en/calendar.json';
import { fromRule, toRule, weekdayOf } from './recurrence';
import { describeRecurrence } from './describeRecurrence';

const START = '2026-12-01T10:00';
let t: TFunction;

beforeAll(async () => {
  t = await i18next.init({
    lng: 'en',
    ns: ['calendar'],
    resources: { en: { calendar: en } },
    interpolation: { escapeValue: false },
  });
});

describe('a recurrence', () => {
  it.each([
    ['FREQ=DAILY', 'Every day'],
    ['FREQ=WEEKLY;BYDAY=TU', 'Every week, on Tuesday'],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH', 'Every 2 weeks, on Tuesday and Thursday'],
    ['FREQ=MONTHLY;BYMONTHDAY=15', 'Every month, on day 15'],
    ['FREQ=MONTHLY;BYMONTHDAY=31', 'Every month, on day 31 (the last day of shorter months)'],
    ['FREQ=MONTHLY;BYMONTHDAY=-1', 'Every month, on the last day'],
    ['FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR', 'Every 3 months, on the last Friday'],
    ['FREQ=MONTHLY;BYDAY=2MO', 'Every month, on the second Monday'],
    ['FREQ=YEARLY', 'Every year'],
  ])('%s is parsed, written and described', (rule, words) => {
    const rhythm = fromRule(rule, START);
    expect(rhythm && toRule(rhythm)).toBe(rule);
    expect(rhythm && describeRecurrence(t, rhythm)).toBe(words);
  });

  it('without a day uses that of its start', () => {
    expect(weekdayOf('2026-12-01')).toBe('TU');
    expect(fromRule('FREQ=WEEKLY', START)?.weekdays).toEqual(['TU']);
    expect(fromRule('FREQ=MONTHLY', START)?.month).toEqual({ day: 1 });
  });

  it.each([
    'FREQ=WEEKLY;COUNT=3',
    'FREQ=MONTHLY;BYDAY=MO,TU',
    'FREQ=YEARLY;BYMONTH=3',
    'FREQ=HOURLY',
    'nonsense',
    'FREQ=WEEKLY;BYDAY=XX',
  ])('%s is not supported by the form', (rule) => {
    expect(fromRule(rule, START)).toBeNull();
  });
});
