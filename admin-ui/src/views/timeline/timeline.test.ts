import { describe, expect, it } from 'vitest';
import type { Entry } from '@/api/content';
import { type Bar, barOf, laneOf, lanesOf, packRows } from './lanes';
import { axisOf, daysBetween, dayOf, shiftValue, stepBy } from './scale';

const day = (text: string): Date => dayOf(text) ?? new Date(0);

const entry = (id: string, start: string | null, end?: string | null, more: object = {}): Entry => ({
  id: 1,
  documentId: id,
  start,
  end,
  ...more,
});
const wide = ({ first, last }: { first: Date; last: Date }): number => daysBetween(first, last) + 1;

describe('the axis', () => {
  it('has every day once, also across clock changes', () => {
    for (const scale of ['week', 'month', 'year'] as const) {
      const axis = axisOf(scale, new Date(2026, 9, 20));
      expect(axis.ticks.reduce((sum, { days }) => sum + days, 0)).toBe(axis.days);
      expect(axis.heads.reduce((sum, { days }) => sum + days, 0)).toBe(axis.days);
      expect(axis.ticks.every(({ days }) => days > 0)).toBe(true);
    }
    expect(axisOf('week', new Date(2026, 10, 18)).from).toEqual(new Date(2026, 10, 9));
    expect(axisOf('year', new Date(2026, 10, 18))).toMatchObject({
      from: new Date(2026, 7, 1),
      to: new Date(2028, 7, 1),
    });
    expect(daysBetween(new Date(2026, 9, 24), new Date(2026, 9, 26))).toBe(2);
  });

  it('steps by less than the visible range', () => {
    for (const scale of ['week', 'month', 'year'] as const) {
      const now = new Date(2026, 10, 18);
      expect(axisOf(scale, stepBy(scale, now, 1)).from < axisOf(scale, now).to).toBe(true);
    }
  });

  it('shifts dates as written, and times by the local clock', () => {
    expect(shiftValue('2026-02-27', 2)).toBe('2026-03-01');
    expect(shiftValue('2026-11-20T09:30:00.000Z', 1)).toBe('2026-11-21T09:30:00.000Z');
    expect(dayOf('')).toBeUndefined();
    expect(dayOf('nonsense')).toBeUndefined();
  });
});

const bar = (id: string, start: string, end?: string): Bar => {
  const made = barOf(entry(id, start, end), id, 'start', 'end');
  if (!made) throw new Error('it has a beginning');
  return made;
};

describe('lanes', () => {
  it('treat an entry without a valid end as one day', () => {
    expect(barOf(entry('a', null), 'a', 'start', 'end')).toBeUndefined();
    expect(barOf(entry('a', '2026-01-02', '2026-01-01'), 'a', 'start', 'end')).toMatchObject({
      last: day('2026-01-02'),
    });
    expect(barOf(entry('a', '2026-01-02'), 'a', 'start', 'end')).toMatchObject({
      last: day('2026-01-02'),
      ends: false,
    });
  });

  it('do not overlap entries', () => {
    const rows = packRows(
      [
        bar('b', '2026-01-03', '2026-01-04'),
        bar('a', '2026-01-01', '2026-01-02'),
        bar('c', '2026-01-02', '2026-01-09'),
      ],
      wide,
    );
    expect(rows.map((row) => row.map(({ title }) => title))).toEqual([['a', 'b'], ['c']]);
    expect(packRows([], wide)).toEqual([]);
  });

  it('follow the order of the values, entries without one last', () => {
    const words = { none: 'none', yes: 'yes', no: 'no' };
    const bars = ['write', null, 'build', 'design'].map((team, at) => {
      const made = barOf(entry(`t${at}`, '2026-01-01', null, { team }), `t${at}`, 'start', 'end');
      if (!made) throw new Error('it has a beginning');
      return made;
    });
    const lanes = lanesOf(
      bars,
      (one) => laneOf(one.entry.team, null, words),
      ['design', 'build', 'write'],
      () => 1,
    );
    expect(lanes.map(({ label }) => label)).toEqual(['design', 'build', 'write', 'none']);
    expect(laneOf({ documentId: 'x', name: 'News' }, 'name', words)).toEqual({ key: 'x', label: 'News' });
    expect(laneOf(false, null, words)).toEqual({ key: 'false', label: 'no' });
  });
});
