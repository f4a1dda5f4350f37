import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConditionNode, parseCondition, writeCondition } from './condition';

describe('conditions as sentences', () => {
  it('parse the query language', () => {
    expect(parseCondition({ owner: { id: { $eq: '$user.id' } }, views: { $gte: 1, $lt: 9 } })).toEqual({
      combine: 'and',
      nodes: [
        { field: 'owner.id', operator: '$eq', value: '$user.id' },
        { field: 'views', operator: '$gte', value: 1 },
        { field: 'views', operator: '$lt', value: 9 },
      ],
    });
    expect(parseCondition({ $or: [{ slug: 'x' }, { a: { $eq: 1 }, b: { $null: true } }] })).toEqual({
      combine: 'or',
      nodes: [
        { field: 'slug', operator: '$eq', value: 'x' },
        {
          combine: 'and',
          nodes: [
            { field: 'a', operator: '$eq', value: 1 },
            { field: 'b', operator: '$null', value: true },
          ],
        },
      ],
    });
  });

  it('fall back to JSON for unsupported filters', () => {
    expect(parseCondition({ $not: { slug: { $eq: 'x' } } })).toBeUndefined();
    expect(parseCondition({ slug: { $strange: 'x' } })).toBeUndefined();
    expect(parseCondition({ $or: { slug: 'x' } })).toBeUndefined();
    expect(parseCondition('x')).toBeUndefined();
    expect(parseCondition({ $eq: 1 })).toBeUndefined();
  });

  it.each([
    { a: { $eq: null }, b: 1 },
    { a: null },
    { a: {} },
    { a: { $eq: '' } },
    { a: { $in: [] } },
    { a: { $in: 'x' } },
    { a: { $in: [{ b: 1 }] } },
    { a: { $gt: { last: 7, unit: 'day' } } },
    { a: { $null: false } },
    { $or: [] },
    { $and: [{ a: 1 }, {}] },
  ])('fall back to JSON where a change would lose part of %j', (filters) => {
    expect(parseCondition(filters)).toBeUndefined();
  });

  it('omit incomplete sentences', () => {
    expect(writeCondition({ combine: 'and', nodes: [{ field: 'a', operator: '$eq', value: '' }] })).toBeUndefined();
    expect(
      writeCondition({
        combine: 'or',
        nodes: [
          { field: '', operator: '$eq', value: 'x' },
          { field: 'a.b', operator: '$in', value: ['x'] },
        ],
      }),
    ).toEqual({ a: { b: { $in: ['x'] } } });
  });

  it('survive a round trip', () => {
    const sentence = fc.record({
      field: fc.constantFrom('title', 'category.slug', 'owner.id'),
      operator: fc.constantFrom('$eq' as const, '$ne' as const, '$containsi' as const),
      value: fc.oneof(fc.constantFrom('$user.id', 'x'), fc.integer()),
    });
    const { node } = fc.letrec<{ node: ConditionNode }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        sentence,
        fc.record({
          combine: fc.constantFrom('and' as const, 'or' as const),
          nodes: fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
        }),
      ),
    }));
    fc.assert(
      fc.property(node, (condition) => {
        const written = writeCondition(condition);
        const read = parseCondition(written);
        expect(read).toBeDefined();
        // Groups of one are written as what they hold; the meaning is what counts.
        expect(writeCondition(read as ConditionNode)).toEqual(written);
      }),
    );
  });
});
