import { describe, expect, test } from 'vitest';
import type { Schema, SchemaAttribute } from '@/api/schemaChanges';
import {
  conditionProblems,
  dependentsOf,
  isComplete,
  readCondition,
  toRule,
  toValue,
  withCondition,
  withNameInCondition,
} from './conditions';

const visible = (rule: Record<string, unknown>): SchemaAttribute => ({ type: 'string', conditions: { visible: rule } });
const when = (field: string) => visible({ '==': [{ var: field }, 'x'] });

const attributes: Record<string, SchemaAttribute> = {
  kind: { type: 'enumeration', enum: ['video', 'text'] },
  count: { type: 'integer' },
  on: { type: 'boolean' },
};

describe('conditions', () => {
  test('are written as Strapi has them, and read again', () => {
    for (const [condition, rule] of [
      [{ join: 'and', terms: [{ field: 'kind', test: 'is', value: 'video' }] }, { '==': [{ var: 'kind' }, 'video'] }],
      [{ join: 'and', terms: [{ field: 'on', test: 'isNot', value: true }] }, { '!=': [{ var: 'on' }, true] }],
      [{ join: 'and', terms: [{ field: 'kind', test: 'filled' }] }, { '!!': [{ var: 'kind' }] }],
      [{ join: 'and', terms: [{ field: 'count', test: 'empty' }] }, { '==': [{ var: 'count' }, null] }],
      [
        {
          join: 'or',
          terms: [
            { field: 'kind', test: 'empty' },
            { field: 'count', test: 'is', value: 3 },
          ],
        },
        { or: [{ '!': [{ var: 'kind' }] }, { '==': [{ var: 'count' }, 3] }] },
      ],
    ] as const) {
      expect(toRule({ join: condition.join, terms: [...condition.terms] }, attributes)).toEqual(rule);
      expect(readCondition(rule)).toEqual(condition);
    }
    expect(toRule({ join: 'and', terms: [] }, attributes)).toBeUndefined();
    expect(readCondition({ '===': ['x', { var: ['kind'] }] })?.terms).toEqual([
      { field: 'kind', test: 'is', value: 'x' },
    ]);
  });

  test('of another form are not read as comparisons', () => {
    for (const rule of [
      undefined,
      true,
      {},
      { and: [] },
      { and: [{ or: [{ '!': [{ var: 'a' }] }] }] },
      { '>': [{ var: 'a' }, 3] },
      { '==': [{ var: 'a' }, { var: 'b' }] },
      { '==': [{ var: 'a.b' }, 1] },
      { '==': [{ var: 'a' }, 1], '!=': [{ var: 'b' }, 1] },
    ])
      expect([rule, readCondition(rule)]).toEqual([rule, undefined]);
  });

  test('have numbers for fields of numbers, and need their values', () => {
    expect([toValue('integer', ' 3 '), toValue('decimal', '1,5'), toValue('string', '3')]).toEqual([3, 1.5, '3']);
    expect(toValue('biginteger', '9007199254740993')).toBe('9007199254740993');
    expect(isComplete({ field: 'a', test: 'is', value: '' }, undefined)).toBe(false);
    expect(isComplete({ field: 'a', test: 'is', value: 'many' }, { type: 'integer' })).toBe(false);
    expect(isComplete({ field: 'a', test: 'is', value: false }, { type: 'boolean' })).toBe(true);
    expect(isComplete({ field: 'a', test: 'filled' }, undefined)).toBe(true);
  });

  test('follow an attribute that is renamed, and say which fields have them', () => {
    const rule = {
      and: [{ '==': [{ var: 'kind' }, 'kind'] }, { '!': { var: ['kind.x', 1] } }, { '!': { var: 'on' } }],
    };
    expect(withNameInCondition(visible(rule), 'kind', 'sort').conditions?.visible).toEqual({
      and: [{ '==': [{ var: 'sort' }, 'kind'] }, { '!': { var: ['sort.x', 1] } }, { '!': { var: 'on' } }],
    });
    const other = when('on');
    expect(withNameInCondition(other, 'kind', 'sort')).toBe(other);
    expect(dependentsOf({ info: {}, attributes: { ...attributes, a: other } } as Schema, 'on')).toEqual(['a']);
  });

  test('go without a trace', () => {
    expect(withCondition(when('a'), undefined)).toEqual({ type: 'string' });
    expect(withCondition({ type: 'string' }, { '!': [{ var: 'a' }] })).toEqual(visible({ '!': [{ var: 'a' }] }));
  });
});

describe('problems of conditions', () => {
  test('are fields and values that are gone, and kinds that nothing can be asked of', () => {
    const all: Record<string, SchemaAttribute> = {
      ...attributes,
      tags: { type: 'relation' },
      a: visible({
        and: [{ '==': [{ var: 'gone' }, 1] }, { '!!': [{ var: 'tags' }] }, { '==': [{ var: 'kind' }, 'audio'] }],
      }),
    };
    expect(conditionProblems(all, 'a')).toEqual([
      { is: 'missing', field: 'gone' },
      { is: 'kind', field: 'tags' },
      { is: 'value', field: 'kind', value: 'audio' },
    ]);
    expect(conditionProblems(all, 'kind')).toEqual([]);
  });

  test('are circles, told for each field in them and for no other', () => {
    const all = { a: when('b'), b: when('c'), c: when('b'), d: when('d') };
    expect(conditionProblems(all, 'a')).toEqual([]);
    expect(conditionProblems(all, 'b')).toEqual([{ is: 'circle', fields: ['b', 'c', 'b'] }]);
    expect(conditionProblems(all, 'd')).toEqual([{ is: 'circle', fields: ['d', 'd'] }]);
  });
});
