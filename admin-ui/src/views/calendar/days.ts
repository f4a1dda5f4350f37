import { shiftDate, startOf } from '../filters/span';

export type CalendarMode = 'month' | 'week' | 'agenda';

/** The days that a calendar shows around a day: whole weeks of its month, its week, or four weeks from it. */
export function visibleDays(mode: CalendarMode, day: Date): Date[] {
  const first =
    mode === 'agenda' ? startOf(day, 'day') : startOf(mode === 'month' ? startOf(day, 'month') : day, 'week');
  const count = mode === 'week' ? 7 : mode === 'agenda' ? 28 : countWeeks(startOf(day, 'month')) * 7;
  return Array.from({ length: count }, (_, at) => shiftDate(first, at, 'day'));
}

function countWeeks(month: Date): number {
  const first = startOf(month, 'week');
  const end = shiftDate(month, 1, 'month');
  return Math.ceil(Math.round((end.getTime() - first.getTime()) / 86_400_000) / 7);
}

/** A step forward or back. */
export function stepDay(mode: CalendarMode, day: Date, by: number): Date {
  return mode === 'month'
    ? shiftDate(startOf(day, 'month'), by, 'month')
    : shiftDate(day, by * (mode === 'week' ? 1 : 4), 'week');
}

/** `2026-11-21` as a day where the browser is. */
export function parseDay(text: string): Date | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return undefined;
  const date = new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  return Number.isNaN(date.getTime()) ? undefined : date;
}
