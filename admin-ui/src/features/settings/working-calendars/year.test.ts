import { expect, test } from 'vitest';
import { countDays, firstDayOf, monthsOf } from './year';

test('a year has its days in months, with their states', () => {
  const months = monthsOf(2026, { monday: ['09:00-17:00'] }, [
    { date: '2026-04-27', name: 'Koningsdag', source: 'preset', hours: [] },
    { date: '2026-12-24', source: 'holiday', hours: ['09:00-12:00'] },
  ]);
  expect(months).toHaveLength(12);
  expect(months.flatMap(({ days }) => days)).toHaveLength(365);
  // The first of January 2026 is a Thursday.
  expect(months[0]?.offset).toBe(3);
  const state = (date: string) => months.flatMap(({ days }) => days).find((day) => day.date === date)?.state;
  expect(state('2026-01-05')).toBe('working');
  expect(state('2026-01-06')).toBe('closed');
  expect(state('2026-04-27')).toBe('off');
  expect(state('2026-12-24')).toBe('special');
});

test('leap years are a day longer', () => {
  expect([2023, 2024, 2000, 2100].map(countDays)).toEqual([365, 366, 366, 365]);
  expect(firstDayOf(2026)).toBe('2026-01-01');
});
