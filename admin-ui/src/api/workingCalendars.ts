import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

/** In which years a holiday that recurs takes place. */
export interface HolidayYears {
  /** Every so many years, counted from `from`. */
  years?: number;
  from?: number;
  /** The last year, inclusive. */
  until?: number;
}

/** A day with hours of its own, or none. */
export type CalendarHoliday = Schemas['CalendarHoliday'] & {
  /** By weekday: how many days later, or earlier, the day off is. */
  moved?: Record<string, number>;
  every?: HolidayYears;
};

/** Hours by the week, and holidays, of a place. Plugins count working time by it. */
export type WorkingCalendar = Omit<Schemas['WorkingCalendar'], 'holidays'> & {
  /** The official holidays of a country, kept by Cairn. */
  preset?: string;
  holidays?: CalendarHoliday[];
};

export type WorkingCalendars = Record<string, WorkingCalendar>;

/** A day of a calendar that is not as its weekday usually is. */
export interface CalendarPreviewDay {
  date: string;
  name?: string;
  source: 'week' | 'holiday' | 'preset';
  hours: string[];
}

/** Days of a calendar that need not be stored. */
export interface CalendarPreview {
  days: CalendarPreviewDay[];
  workingMinutes: number;
}

const PATH = '/admin/api/settings/calendars';

export const workingCalendarsQuery = queryOptions({
  queryKey: ['settings', 'calendars'],
  queryFn: async ({ signal }) => (await request<{ data: WorkingCalendars }>('GET', PATH, { signal })).data,
});

/** Stores one calendar as a whole, or removes it; returns all of them. */
export async function saveWorkingCalendar(name: string, calendar: WorkingCalendar | null): Promise<WorkingCalendars> {
  return (await request<{ data: WorkingCalendars }>('PUT', PATH, { body: { [name]: calendar } })).data;
}

/** The days of a calendar that differ from its week, from a date (`2026-01-01`) on. */
export function calendarPreviewQuery(calendar: WorkingCalendar, from: string, days: number) {
  return queryOptions({
    queryKey: ['calendar-preview', calendar, from, days],
    queryFn: async ({ signal }) =>
      (await request<{ data: CalendarPreview }>('POST', `${PATH}/preview`, { body: { calendar, from, days }, signal }))
        .data,
    retry: false,
  });
}
