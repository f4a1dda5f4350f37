import { WEEKDAYS, type Weekday } from './spans';

/** Which of the weekdays of a month. */
export const ORDINALS = ['first', 'second', 'third', 'fourth', 'last'] as const;

export type Ordinal = (typeof ORDINALS)[number];

/** Where a day lies from Easter Sunday. */
export const EASTER_SIDES = ['before', 'on', 'after'] as const;

type EasterSide = (typeof EASTER_SIDES)[number];

/** Months as dates have them. */
export const MONTHS = Array.from({ length: 12 }, (_, at) => String(at + 1).padStart(2, '0'));

/** The days on which a holiday is. What is empty is not filled in yet. */
export type DateRule =
  | { kind: 'date'; date: string }
  | { kind: 'yearly'; month: string; day: number | '' }
  | { kind: 'easter'; side: EasterSide; days: number | '' }
  | { kind: 'weekday'; ordinal: Ordinal; weekday: Weekday; month: string }
  /** A rule that this version does not know; stays as it is. */
  | { kind: 'other'; text: string };

export type DateRuleKind = DateRule['kind'];

/** The kinds that people choose from. */
export const DATE_RULE_KINDS = ['date', 'yearly', 'easter', 'weekday'] as const satisfies readonly DateRuleKind[];

const WEEKDAY_OF_MONTH = new RegExp(`^(${ORDINALS.join('|')}) (${WEEKDAYS.join('|')}) of (${MONTHS.join('|')})$`);

/** `12-25`, `easter+39` or `last friday of 07` as a rule. */
export function parseDateRule(text: string): DateRule {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return { kind: 'date', date: text };
  const [, month, day] = /^(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (month && day && MONTHS.includes(month)) return { kind: 'yearly', month, day: Number(day) };
  const [easter, sign, days] = /^easter(?:([+-])([1-9]\d{0,2}))?$/.exec(text) ?? [];
  if (easter) {
    const side = sign === undefined ? 'on' : sign === '-' ? 'before' : 'after';
    return { kind: 'easter', side, days: Number(days ?? 1) };
  }
  const [, ordinal, weekday, ofMonth] = WEEKDAY_OF_MONTH.exec(text) ?? [];
  if (ordinal && weekday && ofMonth)
    return { kind: 'weekday', ordinal: ordinal as Ordinal, weekday: weekday as Weekday, month: ofMonth };
  return { kind: 'other', text };
}

/** The rule as a calendar stores it. */
export function formatDateRule(rule: DateRule): string {
  switch (rule.kind) {
    case 'date':
      return rule.date;
    case 'yearly':
      return `${rule.month}-${String(rule.day).padStart(2, '0')}`;
    case 'easter':
      return rule.side === 'on' ? 'easter' : `easter${rule.side === 'before' ? '-' : '+'}${rule.days}`;
    case 'weekday':
      return `${rule.ordinal} ${rule.weekday} of ${rule.month}`;
    case 'other':
      return rule.text;
  }
}

/** Whether all of it is filled in. */
export function isCompleteDateRule(rule: DateRule): boolean {
  switch (rule.kind) {
    case 'date':
      return rule.date !== '';
    case 'yearly':
      return rule.day !== '';
    case 'easter':
      return rule.side === 'on' || rule.days !== '';
    default:
      return true;
  }
}

/** The rule as another kind, with what the two have in common. `today` (`2026-11-21`) is where a date begins. */
export function changeDateRuleKind(rule: DateRule, kind: DateRuleKind, today: string): DateRule {
  if (rule.kind === kind) return rule;
  const month = 'month' in rule ? rule.month : rule.kind === 'date' && rule.date ? rule.date.slice(5, 7) : '01';
  switch (kind) {
    case 'date':
      return {
        kind,
        date: rule.kind === 'yearly' && rule.day !== '' ? `${today.slice(0, 4)}-${formatDateRule(rule)}` : '',
      };
    case 'yearly':
      return { kind, month, day: rule.kind === 'date' && rule.date ? Number(rule.date.slice(8)) : 1 };
    case 'easter':
      return { kind, side: 'on', days: 1 };
    case 'weekday':
      return { kind, ordinal: 'first', weekday: 'monday', month };
    case 'other':
      return { kind, text: formatDateRule(rule) };
  }
}
