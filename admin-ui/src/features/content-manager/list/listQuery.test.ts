import { describe, expect, it } from 'vitest';
import { NO_FILTER } from '@/views/filters/filter';
import { testModel } from '@/views/testModel';
import { isNarrowed, type ListConditions, toListQuery } from './listQuery';

const [type] = testModel.contentTypes;
if (!type) throw new Error('the model has types');

const context = { model: testModel, type, now: new Date(), me: 'anna@example.com', locale: undefined };
const none: ListConditions = { filter: NO_FILTER, editorial: {}, q: undefined, status: undefined };
const topic = { field: 'topic', operator: '$eq', value: 'news' } as const;

describe('the query of a list', () => {
  it('is empty without conditions', () => {
    expect(toListQuery(none, context)).toEqual({});
  });

  it('has every condition, and the locale', () => {
    const conditions: ListConditions = {
      filter: { and: [topic] },
      editorial: { standing: 'draft', assignee: 'me' },
      q: 'factory',
      status: 'published',
    };
    expect(toListQuery(conditions, { ...context, locale: 'nl' })).toEqual({
      filters: { topic: { $eq: 'news' } },
      _q: 'factory',
      locale: 'nl',
      status: 'published',
      standing: 'draft',
      assignee: 'me',
    });
  });

  it('leaves out a condition that is not complete', () => {
    expect(toListQuery({ ...none, filter: { and: [{ field: 'topic', operator: '$eq' }] } }, context)).toEqual({});
  });
});

describe('a list', () => {
  it('is not narrowed without conditions', () => {
    expect(isNarrowed(none)).toBe(false);
  });

  it.each<[string, Partial<ListConditions>]>([
    ['a filter', { filter: { or: [topic] } }],
    // It is on the page, and can be removed there.
    ['an incomplete filter', { filter: { and: [{ field: 'topic', operator: '$eq' }] } }],
    ['a search', { q: 'factory' }],
    ['a status', { status: 'published' }],
    ['a state of review', { editorial: { due: 'overdue' } }],
  ])('is narrowed by %s', (_, condition) => {
    expect(isNarrowed({ ...none, ...condition })).toBe(true);
  });
});
