import { describe, expect, it } from 'vitest';
import { changeDateRuleKind, type DateRule, formatDateRule, isCompleteDateRule, parseDateRule } from './dateRule';

describe('a rule of dates', () => {
  it.each([
    ['2026-12-25', { kind: 'date', date: '2026-12-25' }],
    ['04-27', { kind: 'yearly', month: '04', day: 27 }],
    ['02-30', { kind: 'yearly', month: '02', day: 30 }],
    ['easter', { kind: 'easter', side: 'on', days: 1 }],
    ['easter+39', { kind: 'easter', side: 'after', days: 39 }],
    ['easter-2', { kind: 'easter', side: 'before', days: 2 }],
    ['last friday of 07', { kind: 'weekday', ordinal: 'last', weekday: 'friday', month: '07' }],
    ['first monday of 09', { kind: 'weekday', ordinal: 'first', weekday: 'monday', month: '09' }],
    // Rules that a later version may have.
    ['13-01', { kind: 'other', text: '13-01' }],
    ['fifth friday of 07', { kind: 'other', text: 'fifth friday of 07' }],
    ['orthodox-easter+1', { kind: 'other', text: 'orthodox-easter+1' }],
  ] satisfies [string, DateRule][])('%s is read and stored the same', (text, rule) => {
    expect(parseDateRule(text)).toEqual(rule);
    expect(formatDateRule(rule)).toBe(text);
  });

  it('is complete once all of it is filled in', () => {
    expect(isCompleteDateRule({ kind: 'date', date: '' })).toBe(false);
    expect(isCompleteDateRule({ kind: 'yearly', month: '04', day: '' })).toBe(false);
    expect(isCompleteDateRule({ kind: 'easter', side: 'before', days: '' })).toBe(false);
    expect(isCompleteDateRule({ kind: 'easter', side: 'on', days: '' })).toBe(true);
    expect(isCompleteDateRule(parseDateRule('first monday of 09'))).toBe(true);
  });

  it('keeps the day and month when its kind changes', () => {
    const yearly = changeDateRuleKind(parseDateRule('2026-12-25'), 'yearly', '2030-01-01');
    expect(formatDateRule(yearly)).toBe('12-25');
    expect(formatDateRule(changeDateRuleKind(yearly, 'date', '2030-01-01'))).toBe('2030-12-25');
    expect(formatDateRule(changeDateRuleKind(yearly, 'weekday', '2030-01-01'))).toBe('first monday of 12');
    expect(formatDateRule(changeDateRuleKind({ kind: 'date', date: '' }, 'yearly', '2030-01-01'))).toBe('01-01');
    expect(formatDateRule(changeDateRuleKind(yearly, 'easter', '2030-01-01'))).toBe('easter');
  });
});
