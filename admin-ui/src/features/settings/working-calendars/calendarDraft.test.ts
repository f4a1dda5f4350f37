import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WorkingCalendar } from '@/api/workingCalendars';
import { copyToWorkdays, findMissing, fromCalendarDraft, newCalendarDraft, toCalendarDraft } from './calendarDraft';
import { parseDateRule } from './dateRule';
import { formatSpan, newSpan } from './spans';

const WORKSHOP = {
  title: 'Workshop',
  zone: 'Europe/Amsterdam',
  hours: { monday: ['07:00-12:00', '12:30-16:00'], friday: ['22:00-06:00'], sunday: ['00:00-24:00'] },
  preset: 'nl',
  holidays: [
    { date: '2026-12-24', name: 'Christmas Eve', hours: ['07:00-12:00'] },
    { date: '04-27', name: 'King’s Day', moved: { sunday: -1 } },
    { date: '05-05', every: { years: 5, from: 2020 } },
    { date: 'easter+1' },
    { date: 'last friday of 07', name: 'Factory closes' },
  ],
} satisfies WorkingCalendar;

const stored = (calendar: WorkingCalendar) => fromCalendarDraft(toCalendarDraft(calendar));

describe('a calendar', () => {
  it('is stored as it was read', () => {
    expect(stored(WORKSHOP)).toEqual(WORKSHOP);
    expect(stored({ zone: 'UTC', hours: {} })).toEqual({ zone: 'UTC', hours: {} });
  });

  it('keeps what a later version of the server stores', () => {
    const later = {
      ...WORKSHOP,
      preset: 'be',
      breaks: [{ at: '12:00' }],
      hours: { ...WORKSHOP.hours, tuesday: ['sunrise-sunset'], shift: ['06:00-14:00'] },
      holidays: [
        { date: 'new-moon', name: 'Night off', colour: '#ff0000' },
        { date: '05-05', moved: { weekend: 1 }, every: { years: 5, except: [2025] } },
      ],
    } as unknown as WorkingCalendar;
    expect(stored(later)).toEqual(later);
  });

  it('keeps whatever its unknown keys hold', () => {
    const rest = fc.dictionary(
      fc.string({ minLength: 1 }).map((key) => `x-${key}`),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(rest, rest, rest, (ofCalendar, ofHoliday, ofYears) => {
        const holiday = { ...ofHoliday, date: '05-05', every: { ...ofYears, years: 5 } };
        const calendar = { ...ofCalendar, zone: 'UTC', hours: {}, holidays: [holiday] } as WorkingCalendar;
        expect(stored(calendar)).toEqual(calendar);
      }),
    );
  });

  it('does not store what is empty, nor rules of recurring days for a single date', () => {
    const draft = toCalendarDraft({ ...WORKSHOP, title: ' ' });
    draft.preset = null;
    for (const day of ['monday', 'friday', 'sunday'] as const) draft.week[day] = [];
    const [, kingsDay] = draft.holidays;
    if (!kingsDay) throw new Error('there is none');
    kingsDay.rule = parseDateRule('2027-04-27');
    kingsDay.name = ' ';
    draft.holidays = [kingsDay];
    expect(fromCalendarDraft(draft)).toEqual({
      zone: 'Europe/Amsterdam',
      hours: {},
      holidays: [{ date: '2027-04-27' }],
    });
  });

  it('starts as an office week', () => {
    expect(fromCalendarDraft(newCalendarDraft('Europe/Brussels'))).toEqual({
      zone: 'Europe/Brussels',
      hours: Object.fromEntries(
        ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'].map((day) => [day, ['09:00-17:00']]),
      ),
    });
  });
});

it('reports what is missing by its path', () => {
  const draft = toCalendarDraft(WORKSHOP);
  expect(findMissing(draft)).toEqual([]);
  draft.week.monday.push(newSpan('18:00'));
  const [eve, kingsDay, , easter] = draft.holidays;
  if (!eve || !kingsDay || !easter) throw new Error('there is none');
  eve.hours = [];
  kingsDay.rule = { kind: 'yearly', month: '04', day: '' };
  easter.open = true;
  easter.hours = [newSpan('', '12:00')];
  expect(findMissing(draft)).toEqual([
    { path: 'hours.monday.2', missing: 'times' },
    { path: 'holidays.0.hours', missing: 'hours' },
    { path: 'holidays.1.date', missing: 'date' },
    { path: 'holidays.3.hours.0', missing: 'times' },
  ]);
});

it('copies the hours of a day to the other weekdays, and leaves the weekend', () => {
  const { week } = toCalendarDraft(WORKSHOP);
  const copied = copyToWorkdays(week, 'monday');
  expect(copied.monday).toBe(week.monday);
  expect(copied.friday.map(formatSpan)).toEqual(['07:00-12:00', '12:30-16:00']);
  expect(copied.saturday).toEqual([]);
  expect(copied.sunday).toBe(week.sunday);
  const keys = Object.values(copied).flatMap((spans) => spans.map(({ key }) => key));
  expect(new Set(keys).size).toBe(keys.length);
});
