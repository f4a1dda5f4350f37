import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

/** In which years a holiday that recurs takes place. */
export type HolidayYears = Schemas['HolidayYears'];

/** A day with hours of its own, or none. */
export type CalendarHoliday = Schemas['CalendarHoliday'];

/** Hours by the week, and holidays, of a place. Plugins count working time by it. */
export type WorkingCalendar = Schemas['WorkingCalendar'];

export type WorkingCalendars = Schemas['WorkingCalendars'];

/** A day of a calendar that is not as its weekday usually is. */
export type CalendarPreviewDay = Schemas['CalendarPreviewDay'];

/** Days of a calendar that need not be stored. */
export type CalendarPreview = Schemas['CalendarPreviewView'];

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
