import { describe, expect, it } from 'vitest';
import { parseFilterOf, parseView } from './parseView';
import { testModel } from './testModel';

const article = 'api::article.article';
const problemsOf = (input: unknown) => parseView(input, testModel).problems.map(({ path, key }) => `${path} ${key}`);
const problemsOfBoard = (more: object) => problemsOf({ kind: 'kanban', type: article, groupBy: 'topic', ...more });

const table = (column: object) =>
  parseView({ kind: 'table', type: 'api::article.article', columns: [column] }, testModel);

describe('parseView', () => {
  it('parses every kind of view', () => {
    const views = [
      {
        kind: 'table',
        type: article,
        label: { en: 'Latest', nl: 'Nieuwste' },
        columns: [{ field: 'title', width: 300, pinned: true }, { field: 'category.name' }, { field: 'status' }],
        sort: ['updatedAt:desc'],
        filters: {
          or: [
            { field: 'topic', operator: '$in', value: ['news'] },
            { field: 'day', operator: '$within', value: { last: 7, unit: 'day' } },
          ],
        },
        actions: [{ id: 'publish' }, { id: 'send', call: 'send-mail', confirm: 'Sure?' }],
      },
      {
        kind: 'table',
        type: article,
        columns: [
          { field: 'topic', values: { news: { label: { en: 'News', nl: 'Nieuws' }, tone: 'info' } } },
          { field: 'views', format: 'money', currency: 'EUR' },
          { field: 'startsAt', format: 'countdown', stoppedBy: 'day' },
        ],
      },
      {
        kind: 'kanban',
        type: article,
        groupBy: 'topic',
        columns: ['tech', 'news'],
        badges: ['views', { field: 'startsAt', format: 'countdown', stoppedBy: 'day' }],
        cover: 'cover',
      },
      { kind: 'kanban', type: article, groupBy: 'category' },
      {
        kind: 'kanban',
        type: article,
        groupBy: 'title',
        columns: [
          'One',
          { value: 'Two', label: { en: 'Two', nl: 'Twee' }, tone: 'info', limit: 4 },
          { value: 'Three' },
        ],
        sum: { field: 'price', format: 'money', currencyField: 'currency' },
        order: 'rank',
      },
      { kind: 'kanban', type: article, groupBy: 'views', columns: ['1', '2'], sum: { field: 'views' } },
      {
        kind: 'kanban',
        type: article,
        groupBy: 'topic',
        sum: { field: 'price', format: 'money', currency: 'EUR' },
      },
      { kind: 'calendar', type: article, date: 'startsAt', mode: 'week' },
      { kind: 'timeline', type: article, date: 'day', groupBy: 'topic', scale: 'month' },
      { kind: 'gallery', type: article, cover: 'cover' },
      { kind: 'tree', type: 'api::category.category', parent: 'above' },
      { kind: 'form', type: article, sections: [{ label: 'Main', fields: ['title', 'seo'] }] },
      {
        kind: 'dashboard',
        widgets: [
          {
            id: 'n',
            label: 'News',
            show: {
              kind: 'count',
              type: article,
              filters: { and: [{ field: 'topic', operator: '$eq', value: 'news' }] },
            },
          },
          { id: 'b', label: 'By topic', span: 2, show: { kind: 'breakdown', type: article, groupBy: 'topic' } },
          { id: 't', label: 'Latest', show: { kind: 'table', type: article } },
        ],
      },
    ];
    for (const view of views) expect(parseView(view, testModel)).toEqual({ view, problems: [] });
  });

  it('reports each problem with its path', () => {
    expect(problemsOf(7)).toEqual(['$ object']);
    expect(problemsOf({ kind: 'tabel' })).toEqual(['kind oneOf']);
    expect(problemsOf({ kind: 'table', type: 'api::gone.gone' })).toEqual(['type unknownType']);
    expect(problemsOf({ kind: 'table', type: article, colums: [] })).toEqual(['colums unknownKey']);
    expect(problemsOf({ kind: 'kanban', type: article })).toEqual(['groupBy missing']);
    expect(problemsOf({ kind: 'kanban', type: article, groupBy: 'body' })).toEqual(['groupBy wrongKind']);
    expect(problemsOf({ kind: 'kanban', type: article, groupBy: 'tags' })).toEqual(['groupBy wrongKind']);
    expect(problemsOf({ kind: 'tree', type: article, parent: 'category' })).toEqual(['parent wrongKind']);
    expect(problemsOf({ kind: 'calendar', type: article, date: 'views' })).toEqual(['date wrongKind']);
    expect(
      problemsOf({ kind: 'table', type: article, columns: [{ field: 'nothing' }, 3], sort: ['title', 'gone:asc'] }),
    ).toEqual(['sort[0] sort', 'sort[1] unknownField', 'columns[0].field unknownField', 'columns[1] object']);
    const columns = [
      { field: 'title', format: 'money' },
      { field: 'views', format: 'money', currency: 'euro', stoppedBy: 'day' },
      { field: 'topic', values: { news: { tone: 'loud', name: 'News' } } },
      { field: 'status', values: {} },
    ];
    expect(problemsOf({ kind: 'table', type: article, columns })).toEqual([
      'columns[0].field wrongKind',
      'columns[1].stoppedBy unknownKey',
      'columns[1].currency text',
      'columns[2].values.news.name unknownKey',
      'columns[2].values.news.label missing',
      'columns[2].values.news.tone oneOf',
      'columns[3].field unknownField',
    ]);
    expect(
      problemsOf({
        kind: 'table',
        type: article,
        filters: {
          and: [
            { field: 'gone', operator: '$eq', value: 'x' },
            { or: [{ field: 'title', operator: 'is', value: 'x' }] },
            { field: 'day', operator: '$within', value: 'x' },
          ],
        },
      }),
    ).toEqual([
      'filters.and[1].or[0].operator oneOf',
      'filters.and[2].value span',
      'filters.and[0].field unknownField',
    ]);
    expect(problemsOf({ kind: 'table', type: article, actions: ['explode'] })).toEqual(['actions[0].id oneOf']);
    expect(
      problemsOf({
        kind: 'dashboard',
        widgets: [
          { id: 'a', label: 'A', show: { kind: 'dashboard', widgets: [] } },
          { id: 'a', label: 'B', show: { kind: 'count' } },
        ],
      }),
    ).toEqual(['widgets[0].show.kind oneOf', 'widgets[1].id twice', 'widgets[1].show.type missing']);
  });

  it('reports problems of boards', () => {
    expect(problemsOfBoard({ groupBy: 'title' })).toEqual(['columns columnsMissing']);
    expect(problemsOfBoard({ groupBy: 'views', columns: [] })).toEqual(['columns columnsMissing']);
    expect(problemsOfBoard({ groupBy: 'views', columns: ['1', 'two', { value: '2.5' }] })).toEqual([
      'columns[1] numeric',
      'columns[2].value numeric',
    ]);
    const columns = [3, { label: 'A' }, { value: 'b', tone: 'loud', limit: 0, width: 3 }, { value: 'c', limit: 1.5 }];
    expect(problemsOfBoard({ columns })).toEqual([
      'columns[0] text',
      'columns[1].value missing',
      'columns[2].width unknownKey',
      'columns[2].tone oneOf',
      'columns[2].limit number',
      'columns[3].limit number',
    ]);
    expect(problemsOfBoard({ sum: 'price' })).toEqual(['sum object']);
    expect(problemsOfBoard({ sum: {} })).toEqual(['sum.field missing']);
    expect(problemsOfBoard({ sum: { field: 'title', format: 'percent' } })).toEqual([
      'sum.format oneOf',
      'sum.field wrongKind',
    ]);
    expect(problemsOfBoard({ sum: { field: 'price', currency: 'EUR' } })).toEqual(['sum.currency unknownKey']);
    expect(
      problemsOfBoard({ sum: { field: 'price', format: 'money', currency: 'EUR', currencyField: 'currency' } }),
    ).toEqual(['sum onlyOne']);
    expect(problemsOfBoard({ sum: { field: 'price', format: 'money', currencyField: 'views' } })).toEqual([
      'sum.currencyField wrongKind',
    ]);
    expect(problemsOfBoard({ groupBy: 'review.stage', sum: { field: 'price' } })).toEqual(['sum sumByStage']);
    expect(problemsOfBoard({ order: 'views' })).toEqual(['order wrongKind']);
    expect(problemsOfBoard({ order: 'category.name' })).toEqual(['order unknownField']);
    expect(problemsOfBoard({ order: 'documentId' })).toEqual(['order unknownField']);
  });

  it('keeps filters within bounds', () => {
    const deep = { and: [{ or: [{ and: [{ or: [{ and: [] }] }] }] }] };
    expect(problemsOf({ kind: 'table', type: article, filters: deep })).toEqual([
      'filters.and[0].or[0].and[0].or[0] deep',
    ]);
    const many = { and: Array.from({ length: 60 }, () => ({ field: 'title', operator: '$eq', value: 'x' })) };
    expect(problemsOf({ kind: 'table', type: article, filters: many })).toEqual(['filters.and[50] many']);
  });

  it('does not confuse names with prototype members', () => {
    expect(problemsOf({ kind: 'table', type: article, columns: [{ field: 'constructor' }] })).toEqual([
      'columns[0].field unknownField',
    ]);
  });

  it('drops an invalid filter from the address', () => {
    const [type] = testModel.contentTypes;
    if (!type) throw new Error('the model has types');
    expect(parseFilterOf('x', testModel, type)).toBeUndefined();
    expect(parseFilterOf({ and: [{ field: 'views', operator: '$gt', value: 3 }] }, testModel, type)).toEqual({
      and: [{ field: 'views', operator: '$gt', value: '3' }],
    });
  });

  it('takes people and amounts with the currency of another field, and one currency alone', () => {
    const amount = { field: 'price', format: 'money', currencyField: 'currency' };
    expect(table(amount).view).toMatchObject({ columns: [amount] });
    expect(table({ field: 'rank', format: 'user' }).view).toMatchObject({
      columns: [{ field: 'rank', format: 'user' }],
    });
    expect(table({ ...amount, currency: 'EUR' }).view).toBeUndefined();
    expect(table({ field: 'day', format: 'user' }).view).toBeUndefined();
    expect(table({ field: 'rank', format: 'user', currencyField: 'currency' }).view).toBeUndefined();
  });
});
