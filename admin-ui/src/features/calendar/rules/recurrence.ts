/** How often something comes, as far as the form can say it. */
export interface Recurrence {
  often: Frequency;
  /** Every so many days, weeks, months or years. */
  interval: number;
  /** Of weeks: `MO`, `TU` … */
  weekdays: string[];
  /** Of months: on a day (-1: the last), or on the first, second … or last of a weekday. */
  month: { day: number } | { nth: number; weekday: string };
}

export const FREQUENCIES = ['daily', 'weekly', 'monthly', 'yearly'] as const;

export type Frequency = (typeof FREQUENCIES)[number];

export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;

/** The weekday of a date (`2026-12-01`). */
export function weekdayOf(date: string): string {
  const day = new Date(`${date}T00:00:00Z`).getUTCDay();
  return WEEKDAYS[(Number.isNaN(day) ? 1 : day + 6) % 7] ?? 'MO';
}

/** As an RRULE (RFC 5545). */
export function toRule({ often, interval, weekdays, month }: Recurrence): string {
  const every = interval > 1 ? `;INTERVAL=${interval}` : '';
  if (often === 'weekly') {
    const days = WEEKDAYS.filter((day) => weekdays.includes(day));
    return `FREQ=WEEKLY${every}${days.length > 0 ? `;BYDAY=${days.join(',')}` : ''}`;
  }
  if (often === 'monthly')
    return `FREQ=MONTHLY${every}${'day' in month ? `;BYMONTHDAY=${month.day}` : `;BYDAY=${month.nth}${month.weekday}`}`;
  return `FREQ=${often.toUpperCase()}${every}`;
}

/** An RRULE as the form says it; nothing where it says more than the form can. `start` is the first local time. */
export function fromRule(rule: string, start: string): Recurrence | null {
  const parts = new Map(
    rule
      .replace(/^RRULE:/, '')
      .split(';')
      .map((part): [string, string] => [part.split('=')[0] ?? '', part.split('=')[1] ?? '']),
  );
  const often = FREQUENCIES.find((one) => one.toUpperCase() === parts.get('FREQ'));
  const interval = Number(parts.get('INTERVAL') ?? 1);
  if (!often || !Number.isSafeInteger(interval)) return null;
  const [byDay, byMonthDay] = [parts.get('BYDAY'), parts.get('BYMONTHDAY')];
  for (const name of ['FREQ', 'INTERVAL', 'BYDAY', 'BYMONTHDAY']) parts.delete(name);
  if (parts.size > 0) return null;
  const date = start.slice(0, 10);
  const dayOfMonth = Number(date.slice(8, 10)) || 1;
  const usual: Recurrence = { often, interval, weekdays: [weekdayOf(date)], month: { day: dayOfMonth } };
  if (often === 'weekly' && !byMonthDay) {
    const weekdays = byDay?.split(',') ?? usual.weekdays;
    return weekdays.every((day) => (WEEKDAYS as readonly string[]).includes(day)) ? { ...usual, weekdays } : null;
  }
  if (often === 'monthly') {
    if (byDay && byMonthDay) return null;
    const found = /^(-?\d)([A-Z]{2})$/.exec(byDay ?? '');
    if (byDay) return found?.[1] && found[2] ? { ...usual, month: { nth: Number(found[1]), weekday: found[2] } } : null;
    const day = Number(byMonthDay ?? dayOfMonth);
    return Number.isSafeInteger(day) ? { ...usual, month: { day } } : null;
  }
  return byDay || byMonthDay ? null : usual;
}
