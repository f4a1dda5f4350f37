import { describe, expect, it } from 'vitest';
import { fillPeriods, periodName, placeName } from './periods';

describe('periods', () => {
  it('leaves none out between the first and the last', () => {
    expect(fillPeriods(['2026-11-01', '2026-09-01'], 'month')).toEqual(['2026-09-01', '2026-10-01', '2026-11-01']);
    expect(fillPeriods(['2026-10-19', '2026-11-02'], 'week')).toEqual(['2026-10-19', '2026-10-26', '2026-11-02']);
    expect(fillPeriods(['2026-03-28', '2026-03-30'], 'day')).toEqual(['2026-03-28', '2026-03-29', '2026-03-30']);
    expect(fillPeriods(['2025-10-01', '2026-01-01'], 'quarter')).toEqual(['2025-10-01', '2026-01-01']);
    expect(fillPeriods(['2024-01-01'], 'year')).toEqual(['2024-01-01']);
    expect(fillPeriods([], 'day')).toEqual([]);
  });

  it('keeps the latest where there are too many', () => {
    const days = fillPeriods(['0001-01-01', '2026-01-02'], 'day');
    expect(days).toHaveLength(400);
    expect(days.at(-1)).toBe('2026-01-02');
  });

  it('has names', () => {
    expect(periodName('2026-10-01', 'quarter')).toBe('Q4 2026');
    expect(periodName('2026-01-01', 'year')).toBe('2026');
    expect(periodName('2026-11-01', 'month')).toBe('Nov 2026');
    expect(periodName('2026-11-02', 'week')).toBe('Nov 2, 2026');
  });

  it('are read in the places of a chart, where other texts stay as they are', () => {
    expect(placeName('2026-10')).toBe('Oct 2026');
    expect(placeName('2026-11-21')).toBe('Nov 21, 2026');
    for (const other of ['2026', '2026-13', '2026-10-1', '2026-1', '12026-10', 'Q4 2026', '10-2026', ''])
      expect(placeName(other)).toBe(other);
  });
});
