import { readerLocale } from '@/ui/format';

/** A number in the reader's notation. Intl takes text as well, and keeps every digit of it. */
export function formatNumber(value: unknown): string {
  const text = String(value);
  if (!/^[+-]?\d+(\.\d+)?$/.test(text)) return text;
  const fraction = text.split('.')[1]?.length ?? 0;
  // Older engines take no more than twenty, and what they cannot show whole is shown as it is.
  if (fraction > 20) return text;
  return new Intl.NumberFormat(readerLocale(), {
    minimumFractionDigits: fraction,
    maximumFractionDigits: fraction,
  }).format(text as Intl.StringNumericLiteral);
}

/** A day that is the same everywhere. */
export function formatDay(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  return new Intl.DateTimeFormat(readerLocale(), { dateStyle: 'medium', timeZone: 'UTC' }).format(date);
}

/** A time of the day: hours and minutes, seconds where there are any. */
export function formatClock(time: string): string {
  return time.replace(/\.0+$/, '').replace(/^(\d\d:\d\d):00$/, '$1');
}

/** A moment in a time zone, or else in the reader's. */
export function formatMoment(moment: string | Date, timeZone?: string): string {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return String(moment);
  return new Intl.DateTimeFormat(readerLocale(), { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(date);
}

/** A time zone, or else the reader's, and how far it is from UTC then: `Europe/Amsterdam (GMT+1)`. */
export function zoneName(at: Date, timeZone?: string): string {
  const options = { timeZoneName: 'shortOffset', timeZone } as const;
  const format = new Intl.DateTimeFormat(readerLocale(), options);
  const offset = Number.isNaN(at.getTime())
    ? undefined
    : format.formatToParts(at).find((part) => part.type === 'timeZoneName');
  return `${format.resolvedOptions().timeZone}${offset ? ` (${offset.value})` : ''}`;
}

const padTwo = (number: number) => String(number).padStart(2, '0');

/** A moment for `datetime-local`, which knows no zones: the clock of the reader. */
export function toLocalInput(value: string | null | undefined): string {
  if (!value) return '';
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return '';
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${padTwo(date.getMonth() + 1)}-${padTwo(date.getDate())}`;
  const seconds = date.getSeconds();
  return `${day}T${padTwo(date.getHours())}:${padTwo(date.getMinutes())}${seconds ? `:${padTwo(seconds)}` : ''}`;
}

/** And back, to UTC. */
export function fromLocalInput(typed: string): string | null {
  if (typed === '') return null;
  const date = new Date(typed);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
