import { describe, expect, it } from 'vitest';
import { testModel } from '../testModel';
import type { FilterNode } from './filter';
import { rangeOf } from './span';
import { toQuery } from './toQuery';

const [type] = testModel.contentTypes;
if (!type) throw new Error('the model has types');
// A Wednesday.
const now = new Date(2026, 1, 25, 15, 30);
const asked = (node: FilterNode) => toQuery(node, { model: testModel, type, now, me: 'ann@example.com' });

describe('toQuery', () => {
  it('nests groups, paths and relations as the content API reads them', () => {
    expect(asked({ and: [] })).toBeUndefined();
    expect(asked({ and: [{ field: 'title', operator: '$containsi', value: 'x' }] })).toEqual({
      title: { $containsi: 'x' },
    });
    expect(
      asked({
        or: [
          { field: 'category', operator: '$in', value: ['abc'] },
          {
            and: [
              { field: 'category.name', operator: '$eq', value: 'News' },
              { field: 'cover', operator: '$null' },
            ],
          },
        ],
      }),
    ).toEqual({
      $or: [
        { category: { documentId: { $in: ['abc'] } } },
        { $and: [{ category: { name: { $eq: 'News' } } }, { cover: { $null: true } }] },
      ],
    });
  });

  it('leaves out what is not complete', () => {
    expect(
      asked({
        and: [
          { field: 'title', operator: '$eq' },
          { field: 'views', operator: '$between', value: ['1', ''] },
        ],
      }),
    ).toBeUndefined();
  });

  it('turns spans into days of today, and me into an address', () => {
    expect(asked({ field: 'day', operator: '$within', value: { last: 7, unit: 'day' } })).toEqual({
      day: { $gte: '2026-02-19', $lt: '2026-02-26' },
    });
    expect(asked({ field: 'day', operator: '$notWithin', value: { this: 'month' } })).toEqual({
      $not: { day: { $gte: '2026-02-01', $lt: '2026-03-01' } },
    });
    expect(asked({ field: 'startsAt', operator: '$within', value: { next: 1, unit: 'week' } })).toEqual({
      startsAt: { $gte: new Date(2026, 1, 25).toISOString(), $lt: new Date(2026, 2, 4).toISOString() },
    });
    expect(asked({ field: 'title', operator: '$eq', value: { me: true } })).toEqual({
      title: { $eq: 'ann@example.com' },
    });
  });
});

describe('rangeOf', () => {
  it('keeps to the last day of short months and begins weeks on Monday', () => {
    expect(rangeOf({ this: 'week' }, now)).toEqual({ from: new Date(2026, 1, 23), to: new Date(2026, 2, 2) });
    expect(rangeOf({ this: 'year' }, now)).toEqual({ from: new Date(2026, 0, 1), to: new Date(2027, 0, 1) });
    expect(rangeOf({ last: 1, unit: 'month' }, new Date(2026, 2, 30))).toEqual({
      from: new Date(2026, 1, 28),
      to: new Date(2026, 2, 31),
    });
  });
});
