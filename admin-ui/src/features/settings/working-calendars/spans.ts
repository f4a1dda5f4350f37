/** The days of the week, as a calendar names them. */
export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

export type Weekday = (typeof WEEKDAYS)[number];

/** Days of which the hours are usually the same. */
export const WORKDAYS: readonly Weekday[] = WEEKDAYS.slice(0, 5);

/** Hours of a day, as two time inputs hold them. Midnight at the end is `00:00`: a time input has no `24:00`. */
export interface Span {
  /** Tells it from the others of its list, whatever it holds. */
  key: number;
  /** `HH:MM`; empty while it is missing. */
  from: string;
  to: string;
  /** A stored text that is no span that this version knows. Stays as it is. */
  text?: string;
}

const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = 7 * DAY_MINUTES;
const MIDNIGHT = '00:00';
const END_OF_DAY = '24:00';

let lastKey = 0;

/** A key that no other element of a list has. */
export function newKey(): number {
  lastKey += 1;
  return lastKey;
}

export function newSpan(from = '', to = ''): Span {
  return { key: newKey(), from, to };
}

/** `22:00-06:00` as a span. */
export function parseSpan(text: string): Span {
  const [, from, to] = /^([01]\d:[0-5]\d|2[0-3]:[0-5]\d)-([01]\d:[0-5]\d|2[0-3]:[0-5]\d|24:00)$/.exec(text) ?? [];
  if (from === undefined || to === undefined) return { ...newSpan(), text };
  return newSpan(from, to === END_OF_DAY ? MIDNIGHT : to);
}

/** The span as a calendar stores it. */
export function formatSpan({ from, to, text }: Span): string {
  return text ?? `${from}-${to === MIDNIGHT ? END_OF_DAY : to}`;
}

/** Whether both times are there. */
export function isCompleteSpan({ from, to, text }: Span): boolean {
  return text !== undefined || (from !== '' && to !== '');
}

/** Whether it ends on the day after the one on which it begins. */
export function passesMidnight({ from, to }: Span): boolean {
  return from !== '' && to !== '' && to !== MIDNIGHT && to < from;
}

/** Whether it ends at the midnight after it begins. */
export function endsAtMidnight({ from, to }: Span): boolean {
  return from !== '' && to === MIDNIGHT;
}

function toMinutes(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

interface Interval {
  from: number;
  to: number;
}

/** A span in minutes from the beginning of its day; none where it says nothing. */
function spanInterval(span: Span): Interval[] {
  if (span.from === '' || span.to === '' || (span.from === span.to && span.to !== MIDNIGHT)) return [];
  const [from, to] = [toMinutes(span.from), toMinutes(span.to)];
  return [{ from, to: to <= from ? to + DAY_MINUTES : to }];
}

/** Minutes that lie in one interval at least. */
function countMinutes(intervals: readonly Interval[]): number {
  let [total, end] = [0, 0];
  for (const { from, to } of intervals.toSorted((a, b) => a.from - b.from)) {
    total += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return total;
}

/** The minutes of a day's spans; what two have in common counts once. */
export function dayMinutes(spans: readonly Span[]): number {
  return countMinutes(spans.flatMap(spanInterval));
}

/** The minutes of a week; what a night has in common with the day after it counts once. */
export function weekMinutes(week: Readonly<Record<Weekday, readonly Span[]>>): number {
  const intervals = WEEKDAYS.flatMap((day, at) =>
    week[day]
      .flatMap(spanInterval)
      .map(({ from, to }) => ({ from: from + at * DAY_MINUTES, to: to + at * DAY_MINUTES })),
  );
  // Monday begins with the end of Sunday's night.
  return countMinutes(
    intervals.flatMap(({ from, to }) =>
      to > WEEK_MINUTES
        ? [
            { from, to: WEEK_MINUTES },
            { from: 0, to: to - WEEK_MINUTES },
          ]
        : [{ from, to }],
    ),
  );
}
