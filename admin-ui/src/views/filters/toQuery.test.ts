import { describe, expect, it } from 'vitest';
import { testModel } from '../testModel';
import type { FilterNode } from './filter';
import { resolveSpan } from './span';
import { toQuery } from './toQuery';

const [type] = testModel.contentTypes;
if (!type) throw new Error('the model has types');
// A Wednesday.
const now = new Date(2026, 1, 25, 15, 30);
const queryFor = (node: FilterNode) => toQuery(node, { model: testModel, type, now, me: 'ann@example.com' });

describe('toQuery', () => {
  it('nests groups, paths and relations as the content API reads them', () => {
    expect(queryFor({ and: [] })).toBeUndefined();
    expect(queryFor({ and: [{ field: 'title', operator: '$containsi', value: 'x' }] })).toEqual({
      title: { $containsi: 'x' },
    });
    expect(
      queryFor({
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

  it('omits incomplete conditions', () => {
    expect(
      queryFor({
        and: [
          { field: 'title', operator: '$eq' },
          { field: 'views', operator: '$between', value: ['1', ''] },
        ],
      }),
    ).toBeUndefined();
  });

  it('resolves spans from today, and the current user to an address', () => {
    expect(queryFor({ field: 'day', operator: '$within', value: { last: 7, unit: 'day' } })).toEqual({
      day: { $gte: '2026-02-19', $lt: '2026-02-26' },
    });
    expect(queryFor({ field: 'day', operator: '$notWithin', value: { this: 'month' } })).toEqual({
      $not: { day: { $gte: '2026-02-01', $lt: '2026-03-01' } },
    });
    expect(queryFor({ field: 'startsAt', operator: '$within', value: { next: 1, unit: 'week' } })).toEqual({
      startsAt: { $gte: new Date(2026, 1, 25).toISOString(), $lt: new Date(2026, 2, 4).toISOString() },
    });
    expect(queryFor({ field: 'title', operator: '$eq', value: { me: true } })).toEqual({
      title: { $eq: 'ann@example.com' },
    });
  });
});

describe('resolveSpan', () => {
  it('stays within short months and starts weeks on Monday', () => {
    expect(resolveSpan({ this: 'week' }, now)).toEqual({ from: new Date(2026, 1, 23), to: new Date(2026, 2, 2) });
    expect(resolveSpan({ this: 'year' }, now)).toEqual({ from: new Date(2026, 0, 1), to: new Date(2027, 0, 1) });
    expect(resolveSpan({ last: 1, unit: 'month' }, new Date(2026, 2, 30))).toEqual({
      from: new Date(2026, 1, 28),
      to: new Date(2026, 2, 31),
    });
  });
});
