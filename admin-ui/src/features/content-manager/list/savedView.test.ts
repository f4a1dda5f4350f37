import { expect, it } from 'vitest';
import { NO_FILTER } from '@/views/filters/filter';
import { testModel } from '@/views/testModel';
import { readListSearch } from '../addresses';
import { definitionOf, searchOf } from './savedView';

const [type] = testModel.contentTypes;
if (!type) throw new Error('the model has types');

it('a saved view restores the list as it was saved', () => {
  const search = { view: 'kanban', q: 'x', status: 'published', group: 'featured' } as const;
  const filter = { and: [{ field: 'views', operator: '$gt', value: '3' }] } as const;
  const definition = definitionOf(type, { search, filter, columns: [], sort: 'title:asc' });
  expect(readListSearch({ ...searchOf(JSON.parse(JSON.stringify(definition)), testModel, 7) })).toEqual({
    ...search,
    filters: filter,
    sort: 'title:asc',
    saved: 7,
  });
});

it('column order is preserved', () => {
  const definition = definitionOf(type, {
    search: {},
    filter: NO_FILTER,
    columns: [{ field: 'views' }, { field: 'title', width: 300 }],
    sort: 'updatedAt:desc',
  });
  expect(searchOf(definition, testModel, 1)?.columns).toEqual(['views', 'title']);
});

it('a view that no longer fits the model does not open', () => {
  expect(searchOf({ kind: 'kanban', type: type.uid, groupBy: 'gone' }, testModel, 1)).toBeUndefined();
});

it('typed addresses are parsed', () => {
  expect(
    readListSearch({
      view: 'nonsense',
      q: 12,
      sort: 'title',
      filters: 'x',
      columns: ['a', 3],
      status: 'x',
      saved: 'x',
    }),
  ).toEqual({ q: '12', columns: ['a'] });
});
