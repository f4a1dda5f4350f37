import type { PluginCalendar, PluginDocument } from '@/api/calendar';
import { parseDay } from '@/views/calendar/days';
import { localDay, shiftDate } from '@/views/filters/span';

/** A document of a plugin on one of the days that it takes. */
export interface PluginItem {
  calendar: PluginCalendar;
  document: PluginDocument;
  /** `2026-12-01`. */
  day: string;
  /** Which of its days, from 1 on. */
  number: number;
  /** How many days it takes. */
  days: number;
}

/** What a kind of entry is called in the address. */
export function calendarKey({ plugin, name }: PluginCalendar): string {
  return `${plugin}.${name}`;
}

const MS_PER_DAY = 86_400_000;

/** Days from one day to another; the clock's changes do not count. */
function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / MS_PER_DAY);
}

/** The documents of plugins on each of their days that is shown: those from `from` to `to`, both included. */
export function pluginItems(calendars: readonly PluginCalendar[], from: string, to: string): PluginItem[] {
  return calendars.flatMap((calendar) =>
    calendar.documents.flatMap((document) => {
      const { firstDay, lastDay } = document;
      const days = daysBetween(firstDay, lastDay) + 1;
      const start = parseDay(firstDay > from ? firstDay : from);
      const count = daysBetween(firstDay > from ? firstDay : from, lastDay < to ? lastDay : to) + 1;
      if (!start || !(count > 0)) return [];
      return Array.from({ length: count }, (_, at) => {
        const day = localDay(shiftDate(start, at, 'day'));
        return { calendar, document, day, number: daysBetween(firstDay, day) + 1, days };
      });
    }),
  );
}
