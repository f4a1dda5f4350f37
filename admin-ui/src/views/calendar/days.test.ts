import { describe, expect, it } from 'vitest';
import { localDay } from '../filters/span';
import { parseDay, visibleDays, stepDay } from './days';

const days = (mode: 'month' | 'week' | 'agenda', day: string) =>
  visibleDays(mode, parseDay(day) ?? new Date(Number.NaN)).map(localDay);

describe('days of a calendar', () => {
  it('shows whole weeks, from Monday', () => {
    const november = days('month', '2026-11-21');
    expect([november[0], november.at(-1), november.length]).toEqual(['2026-10-26', '2026-12-06', 42]);
    // A February that fills four weeks to the day.
    expect([days('month', '2027-02-10')[0], days('month', '2027-02-10').length]).toEqual(['2027-02-01', 28]);
    expect(days('week', '2026-11-22')).toEqual([
      '2026-11-16',
      '2026-11-17',
      '2026-11-18',
      '2026-11-19',
      '2026-11-20',
      '2026-11-21',
      '2026-11-22',
    ]);
    expect(days('agenda', '2026-11-22')).toHaveLength(28);
  });

  it('has every day across a clock change', () => {
    const march = days('month', '2026-03-29');
    expect(new Set(march).size).toBe(march.length);
    expect(march).toContain('2026-03-29');
  });

  it('steps from the last of a month into the next', () => {
    expect(localDay(stepDay('month', new Date(2026, 0, 31), 1))).toBe('2026-02-01');
    expect(localDay(stepDay('week', new Date(2026, 0, 31), -1))).toBe('2026-01-24');
  });

  it('parses only days', () => {
    expect(parseDay('tomorrow')).toBeUndefined();
    expect(parseDay('2026-1-1')).toBeUndefined();
  });
});
