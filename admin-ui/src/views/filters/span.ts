import type { Span, SpanUnit } from './filter';

/** From a moment to before another. */
export interface DateRange {
  from: Date;
  to: Date;
}

/** The days a span means when it is `now`, in the browser's time zone: whole days, weeks from Monday. */
export function resolveSpan(span: Span, now: Date): DateRange {
  const today = startOfDay(now);
  const tomorrow = shiftDate(today, 1, 'day');
  if ('this' in span) {
    const from = startOf(today, span.this);
    return { from, to: shiftDate(from, 1, span.this) };
  }
  if ('last' in span) return { from: shiftDate(tomorrow, -span.last, span.unit), to: tomorrow };
  return { from: today, to: shiftDate(today, span.next, span.unit) };
}

function padTwo(n: number): string {
  return String(n).padStart(2, '0');
}

/** `2026-11-21`, the day of a moment where the browser is. */
export function localDay(date: Date): string {
  return `${date.getFullYear()}-${padTwo(date.getMonth() + 1)}-${padTwo(date.getDate())}`;
}

function startOfDay(date: Date): Date {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate());
}

/** Days, weeks, months or years later; the last of a month where it has no such day. */
export function shiftDate(date: Date, by: number, unit: SpanUnit): Date {
  const moved = new Date(date);
  if (unit === 'day' || unit === 'week') {
    moved.setDate(moved.getDate() + by * (unit === 'week' ? 7 : 1));
    return moved;
  }
  const day = moved.getDate();
  moved.setDate(1);
  if (unit === 'month') moved.setMonth(moved.getMonth() + by);
  else moved.setFullYear(moved.getFullYear() + by);
  moved.setDate(Math.min(day, new Date(moved.getFullYear(), moved.getMonth() + 1, 0).getDate()));
  return moved;
}

export function startOf(date: Date, unit: SpanUnit): Date {
  const day = startOfDay(date);
  if (unit === 'week') return shiftDate(day, -((day.getDay() + 6) % 7), 'day');
  if (unit === 'month') return new Date(day.getFullYear(), day.getMonth(), 1);
  if (unit === 'year') return new Date(day.getFullYear(), 0, 1);
  return day;
}
