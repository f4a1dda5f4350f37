import { parseDay } from '../calendar/days';
import { localDay, shiftDate, startOf } from '../filters/span';

/** How much time is in view: some weeks by days, half a year by weeks, two years by months. */
export type Scale = 'week' | 'month' | 'year';

/** A stretch of the axis. */
export interface Tick {
  from: Date;
  /** In days, from the beginning of the axis. */
  at: number;
  days: number;
}

export interface Axis {
  scale: Scale;
  from: Date;
  /** The day after the last. */
  to: Date;
  days: number;
  /** Pixels of a day. */
  perDay: number;
  ticks: readonly Tick[];
  /** What stands above the ticks: months above days and weeks, years above months. */
  heads: readonly Tick[];
}

const PER_DAY: Record<Scale, number> = { week: 44, month: 10, year: 2.5 };
const UNIT = { week: 'day', month: 'week', year: 'month' } as const;
const HEAD = { week: 'month', month: 'month', year: 'year' } as const;

/** Days between two days, whatever the clock did between them. */
export function daysBetween(from: Date, to: Date): number {
  return Math.round(
    (Date.UTC(to.getFullYear(), to.getMonth(), to.getDate()) -
      Date.UTC(from.getFullYear(), from.getMonth(), from.getDate())) /
      86_400_000,
  );
}

/** The axis around a day, which lies near its beginning. */
export function axisOf(scale: Scale, day: Date): Axis {
  const from =
    scale === 'week'
      ? shiftDate(startOf(day, 'week'), -1, 'week')
      : scale === 'month'
        ? startOf(shiftDate(startOf(day, 'month'), -1, 'month'), 'week')
        : shiftDate(startOf(day, 'month'), -3, 'month');
  const to =
    scale === 'week'
      ? shiftDate(from, 6, 'week')
      : scale === 'month'
        ? shiftDate(from, 26, 'week')
        : shiftDate(from, 24, 'month');
  const cut = (unit: 'day' | 'week' | 'month' | 'year'): Tick[] => {
    const ticks: Tick[] = [];
    for (let start = from; start < to; ) {
      const next = shiftDate(startOf(start, unit), 1, unit);
      const end = next < to ? next : to;
      ticks.push({ from: start, at: daysBetween(from, start), days: daysBetween(start, end) });
      start = end;
    }
    return ticks;
  };
  return {
    scale,
    from,
    to,
    days: daysBetween(from, to),
    perDay: PER_DAY[scale],
    ticks: cut(UNIT[scale]),
    heads: cut(HEAD[scale]),
  };
}

/** A step forward or back: most of what is in view. */
export function stepBy(scale: Scale, day: Date, by: number): Date {
  return scale === 'week'
    ? shiftDate(day, by * 4, 'week')
    : scale === 'month'
      ? shiftDate(day, by * 4, 'month')
      : shiftDate(day, by, 'year');
}

/** The day of a value where the browser is; of a date as it is written. */
export function dayOf(value: unknown): Date | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  const plain = parseDay(value);
  if (plain) return plain;
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? undefined : startOf(time, 'day');
}

/** The same time on a day so many later, written as the field writes it. */
export function shiftValue(value: string, days: number): string {
  const plain = parseDay(value);
  return plain ? localDay(shiftDate(plain, days, 'day')) : shiftDate(new Date(value), days, 'day').toISOString();
}
