import { formatDate } from '@/ui/format';

/** Calendar periods that dates are grouped by; weeks begin on Monday. */
export type Period = 'day' | 'week' | 'month' | 'quarter' | 'year';

/** As many periods as a chart has places. */
const MAX_PERIODS = 400;

/** A day as the server writes it (`2026-11-01`), in UTC, so that no clock is changed on the way. */
function parseDay(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}

function nextPeriod(day: Date, period: Period): Date {
  const [year, month, date] = [day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate()];
  switch (period) {
    case 'day':
      return new Date(Date.UTC(year, month, date + 1));
    case 'week':
      return new Date(Date.UTC(year, month, date + 7));
    case 'month':
      return new Date(Date.UTC(year, month + 1, 1));
    case 'quarter':
      return new Date(Date.UTC(year, month + 3, 1));
    case 'year':
      return new Date(Date.UTC(year + 1, 0, 1));
  }
}

/** All periods from the earliest to the latest of these, by their first days; the latest ones where there are too many. */
export function fillPeriods(days: readonly string[], period: Period): string[] {
  const [first, ...rest] = days.toSorted();
  const last = rest.at(-1) ?? first;
  if (first === undefined || last === undefined) return [];
  const filled: string[] = [];
  for (let day = parseDay(first); day <= parseDay(last); day = nextPeriod(day, period)) {
    filled.push(day.toISOString().slice(0, 10));
    if (filled.length > MAX_PERIODS) filled.shift();
  }
  return filled;
}

/** What a period is called, by its first day: `21 Nov 2026`, `Nov 2026`, `Q4 2026`, `2026`. */
export function periodName(first: string, period: Period): string {
  const day = parseDay(first);
  switch (period) {
    case 'day':
    case 'week':
      return formatDate(day, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
    case 'month':
      return formatDate(day, { month: 'short', year: 'numeric', timeZone: 'UTC' });
    case 'quarter':
      return `Q${Math.floor(day.getUTCMonth() / 3) + 1} ${day.getUTCFullYear()}`;
    case 'year':
      return String(day.getUTCFullYear());
  }
}

/** A place of a chart as the reader writes it, where it is a day (`2026-11-21`) or a month (`2026-11`); any other text as it is. */
export function placeName(place: string): string {
  if (!/^\d{4}-(?:0[1-9]|1[0-2])(?:-\d{2})?$/.test(place)) return place;
  const isMonth = place.length === '2026-11'.length;
  const first = isMonth ? `${place}-01` : place;
  return Number.isNaN(parseDay(first).getTime()) ? place : periodName(first, isMonth ? 'month' : 'day');
}
