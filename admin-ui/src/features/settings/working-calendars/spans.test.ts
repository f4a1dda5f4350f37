import { describe, expect, it } from 'vitest';
import {
  dayMinutes,
  endsAtMidnight,
  formatSpan,
  isCompleteSpan,
  newSpan,
  parseSpan,
  passesMidnight,
  type Span,
  type Weekday,
  WEEKDAYS,
  weekMinutes,
} from './spans';

function week(hours: Partial<Record<Weekday, string[]>>): Record<Weekday, Span[]> {
  return Object.fromEntries(WEEKDAYS.map((day) => [day, (hours[day] ?? []).map(parseSpan)])) as Record<Weekday, Span[]>;
}

describe('a span', () => {
  it.each(['09:00-12:30', '22:00-06:00', '00:00-24:00', '17:15-24:00'])('%s is stored as it was read', (text) => {
    expect(formatSpan(parseSpan(text))).toBe(text);
    expect(parseSpan(text).text).toBeUndefined();
  });

  it('shows the end of the day as midnight, which a time input can hold', () => {
    const span = parseSpan('18:00-24:00');
    expect([span.from, span.to]).toEqual(['18:00', '00:00']);
    expect(endsAtMidnight(span)).toBe(true);
    expect(passesMidnight(span)).toBe(false);
    expect(formatSpan(newSpan('18:00', '00:00'))).toBe('18:00-24:00');
  });

  it('passes midnight if it ends before it begins', () => {
    expect(passesMidnight(parseSpan('22:00-06:00'))).toBe(true);
    expect(passesMidnight(parseSpan('09:00-17:00'))).toBe(false);
    expect(passesMidnight(newSpan('22:00', ''))).toBe(false);
  });

  it.each(['9-17', '09:00-25:00', 'dawn-dusk', '24:00-06:00'])('%s is kept as a text', (text) => {
    const span = parseSpan(text);
    expect(formatSpan(span)).toBe(text);
    expect(isCompleteSpan(span)).toBe(true);
    expect(dayMinutes([span])).toBe(0);
  });

  it('is complete with both times', () => {
    expect([newSpan(), newSpan('09:00'), newSpan('', '17:00')].map(isCompleteSpan)).toEqual([false, false, false]);
    expect(isCompleteSpan(newSpan('09:00', '17:00'))).toBe(true);
  });
});

describe('the total', () => {
  it('of a day counts what two spans have in common once', () => {
    expect(dayMinutes(['09:00-12:30', '13:00-17:00'].map(parseSpan))).toBe(450);
    expect(dayMinutes(['09:00-12:00', '11:00-13:00'].map(parseSpan))).toBe(240);
    expect(dayMinutes([parseSpan('00:00-24:00')])).toBe(1440);
    expect(dayMinutes([parseSpan('22:00-06:00')])).toBe(480);
    expect(dayMinutes([newSpan('09:00', '09:00'), newSpan('09:00')])).toBe(0);
  });

  it('of a week counts a night that reaches into the next day once', () => {
    expect(weekMinutes(week({ monday: ['09:00-17:00'], friday: ['09:00-12:00'] }))).toBe(660);
    expect(weekMinutes(week({ monday: ['22:00-06:00'], tuesday: ['05:00-09:00'] }))).toBe(660);
    expect(weekMinutes(week({ sunday: ['22:00-06:00'], monday: ['04:00-08:00'] }))).toBe(600);
    expect(weekMinutes(week(Object.fromEntries(WEEKDAYS.map((day) => [day, ['00:00-24:00']]))))).toBe(7 * 1440);
  });
});
