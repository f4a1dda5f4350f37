import type { CalendarPreviewDay, WorkingCalendar } from '@/api/workingCalendars';
import { localDay } from '@/views/filters/span';
import { WEEKDAYS } from './spans';

/** How a day stands in its year: works, is closed each week, is off, or has hours of its own. */
export type DayState = 'working' | 'closed' | 'off' | 'special';

/** A day of a year. */
export interface YearDay {
  /** `2026-04-27`. */
  date: string;
  state: DayState;
  /** What differs from its week, where something does. */
  special?: CalendarPreviewDay;
}

/** A month of a year, with the number of days of its first week that belong to the month before. */
export interface YearMonth {
  /** Its first day. */
  first: Date;
  offset: number;
  days: YearDay[];
}

export function firstDayOf(year: number): string {
  return `${String(year).padStart(4, '0')}-01-01`;
}

/** The number of days of a year. */
export function countDays(year: number): number {
  return new Date(year, 1, 29).getMonth() === 1 ? 366 : 365;
}

/** The months of a year; weeks begin on Monday. */
export function monthsOf(
  year: number,
  hours: WorkingCalendar['hours'],
  special: readonly CalendarPreviewDay[],
): YearMonth[] {
  const byDate = new Map(special.map((day) => [day.date, day]));
  return Array.from({ length: 12 }, (_, month) => {
    const first = new Date(year, month, 1);
    const offset = (first.getDay() + 6) % 7;
    const length = new Date(year, month + 1, 0).getDate();
    const days = Array.from({ length }, (_unused, at): YearDay => {
      const date = localDay(new Date(year, month, at + 1));
      const found = byDate.get(date);
      if (found) return { date, state: found.hours.length > 0 ? 'special' : 'off', special: found };
      const weekday = WEEKDAYS[(offset + at) % 7] ?? 'monday';
      return { date, state: hours[weekday]?.length ? 'working' : 'closed' };
    });
    return { first, offset, days };
  });
}
