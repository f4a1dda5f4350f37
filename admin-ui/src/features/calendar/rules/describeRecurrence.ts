import type { TFunction } from 'i18next';
import { formatDate, formatList } from '@/ui/format';
import { type Recurrence, WEEKDAYS } from './recurrence';

/** Days of the month that every month has. */
const SHORTEST_MONTH = 28;

/** What a weekday is called: `TU` is Tuesday. */
export function weekdayName(code: string): string {
  const at = (WEEKDAYS as readonly string[]).indexOf(code);
  // The first of January 2024 was a Monday.
  return formatDate(Date.UTC(2024, 0, 1 + Math.max(0, at)), { weekday: 'long', timeZone: 'UTC' });
}

/** A rhythm in words: `Every 2 weeks, on Tuesday and Thursday`. */
export function describeRecurrence(t: TFunction, { often, interval, weekdays, month }: Recurrence): string {
  const every = t(`calendar:rule.every.${often}`, { count: interval });
  if (often === 'weekly' && weekdays.length > 0) {
    const ordered = WEEKDAYS.filter((day) => weekdays.includes(day));
    return t('calendar:rule.on', { every, when: formatList(ordered.map(weekdayName)) });
  }
  if (often !== 'monthly') return every;
  const when =
    'day' in month
      ? month.day === -1
        ? t('calendar:rule.lastDay')
        : t(month.day > SHORTEST_MONTH ? 'calendar:rule.dayOrLastOf' : 'calendar:rule.dayOf', { day: month.day })
      : t('calendar:rule.weekdayOf', {
          nth: t(`calendar:rule.nth.${month.nth === -1 ? 'last' : month.nth}`),
          weekday: weekdayName(month.weekday),
        });
  return t('calendar:rule.on', { every, when });
}
