import { describe, expect, it } from 'vitest';
import { type FeedItem, groupByDay, mergeItems, momentOf, nearDay } from './feed';

const item = (source: number, documentId: string, value: string): FeedItem => {
  const moment = momentOf(value);
  if (!moment) throw new Error(`${value} is no moment`);
  return { source, documentId, ...moment };
};

describe('feeds', () => {
  it('show the latest of all sources first', () => {
    const [calls, quotes] = [
      [item(0, 'c2', '2026-11-21T10:00:00'), item(0, 'c1', '2026-11-19T10:00:00')],
      [item(1, 'q2', '2026-11-21T09:00:00'), item(1, 'q1', '2026-11-20T09:00:00')],
    ];
    expect(mergeItems([calls, quotes], 3).map(({ documentId }) => documentId)).toEqual(['c2', 'q2', 'q1']);
    expect(mergeItems([calls, quotes], 9)).toHaveLength(4);
    expect(mergeItems([], 9)).toEqual([]);
  });

  it('have a heading for each day, on which what has no time comes first', () => {
    const items = mergeItems(
      [
        [item(0, 'timed', '2026-11-21T10:00:00'), item(0, 'before', '2026-11-20T23:59:59')],
        [item(1, 'day', '2026-11-21')],
      ],
      9,
    );
    expect(groupByDay(items).map(({ day, items: of }) => [day, of.map(({ documentId }) => documentId)])).toEqual([
      ['2026-11-21', ['day', 'timed']],
      ['2026-11-20', ['before']],
    ]);
    expect(items.map(({ timed }) => timed)).toEqual([false, true, true]);
  });

  it('know today and yesterday, over the end of summer time as well', () => {
    const now = new Date(2026, 9, 26, 0, 30);
    expect(['2026-10-26', '2026-10-25', '2026-10-24'].map((day) => nearDay(day, now))).toEqual([
      'today',
      'yesterday',
      undefined,
    ]);
  });

  it('leave out what has no date', () => {
    for (const none of [null, undefined, '', 'soon', 7]) expect(momentOf(none)).toBeUndefined();
  });
});
