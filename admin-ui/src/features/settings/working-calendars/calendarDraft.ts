import type { CalendarHoliday, HolidayYears, WorkingCalendar } from '@/api/workingCalendars';
import { type DateRule, formatDateRule, isCompleteDateRule, parseDateRule } from './dateRule';
import {
  formatSpan,
  isCompleteSpan,
  newKey,
  newSpan,
  parseSpan,
  type Span,
  WEEKDAYS,
  type Weekday,
  WORKDAYS,
} from './spans';

/** A holiday while somebody changes it. */
export interface HolidayDraft {
  key: number;
  rule: DateRule;
  name: string;
  /** Whether it has hours; else it is closed. */
  open: boolean;
  hours: Span[];
  /** By weekday: how many days later, or earlier. */
  moved: Record<string, number>;
  every: HolidayYears;
  /** What this version does not know. */
  rest: object;
}

/** A calendar while somebody changes it. */
export interface CalendarDraft {
  title: string;
  zone: string;
  /** The country whose official holidays it has. */
  preset: string | null;
  week: Record<Weekday, Span[]>;
  holidays: HolidayDraft[];
  /** What this version does not know, of the calendar and of its hours. */
  rest: object;
  otherHours: WorkingCalendar['hours'];
}

const parseSpans = (texts: readonly string[] | undefined): Span[] => (texts ?? []).map(parseSpan);

const isWeekday = (name: string): boolean => (WEEKDAYS as readonly string[]).includes(name);

const isFilled = (value: object): boolean => Object.keys(value).length > 0;

/** The week with the spans of each day. */
function mapWeek(spansOf: (day: Weekday) => Span[]): Record<Weekday, Span[]> {
  return Object.fromEntries(WEEKDAYS.map((day) => [day, spansOf(day)])) as Record<Weekday, Span[]>;
}

/** A calendar that does not exist yet: an office week. */
export function newCalendarDraft(zone: string): CalendarDraft {
  const week = mapWeek((day) => (WORKDAYS.includes(day) ? [newSpan('09:00', '17:00')] : []));
  return { title: '', zone, preset: null, week, holidays: [], rest: {}, otherHours: {} };
}

/** A holiday that is not filled in yet. */
export function newHolidayDraft(): HolidayDraft {
  return {
    key: newKey(),
    rule: { kind: 'date', date: '' },
    name: '',
    open: false,
    hours: [],
    moved: {},
    every: {},
    rest: {},
  };
}

export function toCalendarDraft({ title, zone, preset, hours, holidays, ...rest }: WorkingCalendar): CalendarDraft {
  return {
    title: title ?? '',
    zone,
    preset: preset ?? null,
    week: mapWeek((day) => parseSpans(hours[day])),
    holidays: (holidays ?? []).map(toHolidayDraft),
    rest,
    otherHours: Object.fromEntries(Object.entries(hours).filter(([day]) => !isWeekday(day))),
  };
}

function toHolidayDraft({ date, name, hours, moved, every, ...rest }: CalendarHoliday): HolidayDraft {
  return {
    key: newKey(),
    rule: parseDateRule(date),
    name: name ?? '',
    open: Boolean(hours?.length),
    hours: parseSpans(hours),
    moved: moved ?? {},
    every: every ?? {},
    rest,
  };
}

/** The draft as it is stored: nothing that is empty, and what this version does not know as it was. */
export function fromCalendarDraft(draft: CalendarDraft): WorkingCalendar {
  const { title, zone, preset, week, holidays, rest, otherHours } = draft;
  const days = WEEKDAYS.filter((day) => week[day].length > 0);
  return {
    ...(title.trim() ? { title: title.trim() } : {}),
    zone,
    hours: { ...Object.fromEntries(days.map((day) => [day, week[day].map(formatSpan)])), ...otherHours },
    ...(preset ? { preset } : {}),
    ...(holidays.length > 0 ? { holidays: holidays.map(fromHolidayDraft) } : {}),
    ...rest,
  };
}

function fromHolidayDraft({ rule, name, open, hours, moved, every, rest }: HolidayDraft): CalendarHoliday {
  const recurs = rule.kind !== 'date';
  return {
    date: formatDateRule(rule),
    ...(name.trim() ? { name: name.trim() } : {}),
    ...(open ? { hours: hours.map(formatSpan) } : {}),
    ...(recurs && isFilled(moved) ? { moved } : {}),
    ...(recurs && isFilled(every) ? { every } : {}),
    ...rest,
  };
}

/** Something that is not filled in, and where. */
interface MissingValue {
  path: string;
  missing: 'times' | 'date' | 'hours';
}

/** What has to be filled in before the calendar can be stored, by paths in it. */
export function findMissing({ week, holidays }: CalendarDraft): MissingValue[] {
  return [
    ...WEEKDAYS.flatMap((day) => findMissingTimes(`hours.${day}`, week[day])),
    ...holidays.flatMap(({ rule, open, hours }, at) => {
      const path = `holidays.${at}`;
      return [
        ...(isCompleteDateRule(rule) ? [] : [{ path: `${path}.date`, missing: 'date' as const }]),
        ...(open && hours.length === 0 ? [{ path: `${path}.hours`, missing: 'hours' as const }] : []),
        ...(open ? findMissingTimes(`${path}.hours`, hours) : []),
      ];
    }),
  ];
}

function findMissingTimes(path: string, spans: readonly Span[]): MissingValue[] {
  return spans.flatMap((span, at) => (isCompleteSpan(span) ? [] : [{ path: `${path}.${at}`, missing: 'times' }]));
}

/** The week with the hours of one day on the other weekdays too. */
export function copyToWorkdays(week: CalendarDraft['week'], from: Weekday): CalendarDraft['week'] {
  return mapWeek((day) =>
    day !== from && WORKDAYS.includes(day) ? week[from].map((span) => ({ ...span, key: newKey() })) : week[day],
  );
}
