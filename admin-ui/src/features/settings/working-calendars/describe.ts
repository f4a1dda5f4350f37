import type { TFunction } from 'i18next';
import { formatDate, formatNumber } from '@/ui/format';
import type { HolidayDraft } from './calendarDraft';
import type { DateRule } from './dateRule';
import { WEEKDAYS } from './spans';

/** The name of a weekday: `Monday`. What is none is its own name. */
export function weekdayName(day: string): string {
  const at = (WEEKDAYS as readonly string[]).indexOf(day);
  // The first of January 2024 was a Monday.
  return at < 0 ? day : formatDate(new Date(2024, 0, 1 + at), { weekday: 'long' });
}

/** The name of a month, `01` being the first. */
export function monthName(month: string): string {
  return formatDate(new Date(2024, Number(month) - 1, 1), { month: 'long' });
}

/** `2026-04-27` as `Monday 27 April`, with the year where it is asked for. */
export function formatDay(date: string, options: Intl.DateTimeFormatOptions = {}): string {
  const day = new Date(`${date}T00:00`);
  if (Number.isNaN(day.getTime())) return date;
  return formatDate(day, { weekday: 'long', day: 'numeric', month: 'long', ...options });
}

/** Minutes as `38 hours 20 minutes`, or short where there is little room. */
export function formatHours(minutes: number, unitDisplay: 'long' | 'short' = 'long'): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  const parts = [
    ...(hours > 0 || rest === 0 ? [formatNumber(hours, { style: 'unit', unit: 'hour', unitDisplay })] : []),
    ...(rest > 0 ? [formatNumber(rest, { style: 'unit', unit: 'minute', unitDisplay })] : []),
  ];
  return parts.join(' ');
}

/** Stored hours as people read them: `09:00–12:30, 13:00–17:00`. */
export function formatSpans(spans: readonly string[]): string {
  return spans.map((span) => span.replace('-', '–')).join(', ');
}

/** The days of a rule in words: `The last Friday of July`. */
function describeDateRule(t: TFunction, rule: DateRule): string {
  switch (rule.kind) {
    case 'date':
      return rule.date ? formatDay(rule.date, { year: 'numeric' }) : t('workingCalendars:rule.unfinished');
    case 'yearly': {
      // A leap year: all days that there are.
      const day = new Date(2024, Number(rule.month) - 1, rule.day || 1);
      if (rule.day === '') return t('workingCalendars:rule.unfinished');
      const date =
        day.getDate() === rule.day
          ? formatDate(day, { day: 'numeric', month: 'long' })
          : `${monthName(rule.month)} ${rule.day}`;
      return t('workingCalendars:rule.eachYear', { date });
    }
    case 'easter':
      if (rule.side === 'on') return t('workingCalendars:rule.easterSunday');
      if (rule.days === '') return t('workingCalendars:rule.unfinished');
      return t(`workingCalendars:rule.${rule.side}Easter`, { count: rule.days });
    case 'weekday':
      return t('workingCalendars:rule.weekdayOf', {
        ordinal: t(`workingCalendars:ordinal.${rule.ordinal}`),
        weekday: weekdayName(rule.weekday),
        month: monthName(rule.month),
      });
    case 'other':
      return rule.text;
  }
}

/** A holiday in words: its days, and what else is said of them. */
export function describeHoliday(t: TFunction, { rule, moved, every }: HolidayDraft): string {
  const recurs = rule.kind !== 'date';
  return [
    describeDateRule(t, rule),
    ...(recurs && Object.keys(moved).length > 0 ? [t('workingCalendars:moved.some')] : []),
    ...(recurs && Object.keys(every).length > 0 ? [t('workingCalendars:years.some')] : []),
  ].join(' · ');
}

/** The name of a holiday, or its days where it has none. */
export function holidayName(t: TFunction, holiday: HolidayDraft): string {
  return holiday.name.trim() || describeDateRule(t, holiday.rule);
}
