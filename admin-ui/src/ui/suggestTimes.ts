import { formatDate } from './format';

/** A time that something is often planned for, on the clock of a time zone. */
export interface SuggestedTime {
  /** Which day it is on, as its text is named. */
  day: 'today' | 'tomorrow' | 'monday';
  /** As inputs of date and time have it: `2026-11-30T09:00`. */
  localTime: string;
  /** `09:00`, as it is written in the reader's language. */
  time: string;
  /** `Monday`, likewise. */
  weekday: string;
}

const DAY_MS = 86_400_000;
const MORNING = 9;
const EVENING = 17;

/** Today at the end of the working day while that is to come, tomorrow and next Monday at its beginning. */
export function suggestTimes(now: Date, zone: string): SuggestedTime[] {
  // The clock of the zone as if it were that of UTC: days are counted on it, whatever summer time does.
  const clock = clockIn(now, zone);
  const today = Math.floor(clock / DAY_MS) * DAY_MS;
  const suggest = (day: SuggestedTime['day'], date: number, hour: number): SuggestedTime => {
    const moment = date + hour * 3_600_000;
    return {
      day,
      localTime: new Date(moment).toISOString().slice(0, 16),
      time: formatDate(moment, { timeStyle: 'short', timeZone: 'UTC' }),
      weekday: formatDate(moment, { weekday: 'long', timeZone: 'UTC' }),
    };
  };
  const daysToMonday = (8 - new Date(today).getUTCDay()) % 7 || 7;
  return [
    ...(clock < today + EVENING * 3_600_000 ? [suggest('today', today, EVENING)] : []),
    suggest('tomorrow', today + DAY_MS, MORNING),
    // On a Sunday that is tomorrow.
    ...(daysToMonday > 1 ? [suggest('monday', today + daysToMonday * DAY_MS, MORNING)] : []),
  ];
}

/** What the clock of a zone shows, in milliseconds as if that were UTC. */
function clockIn(moment: Date, zone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(moment);
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((each) => each.type === type)?.value);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
}
