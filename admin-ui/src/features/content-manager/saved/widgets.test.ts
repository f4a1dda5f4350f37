import { expect, it } from 'vitest';
import { parseView } from '@/views/parseView';
import { testModel } from '@/views/testModel';
import { widgetKinds, moveItem, countableFields, showOf } from './widgets';

const [article, category] = testModel.contentTypes;
if (!article || !category) throw new Error('the model has types');

it('only supported widgets are offered, and each can be parsed again', () => {
  expect(widgetKinds(article)).toEqual(['count', 'breakdown', 'table', 'kanban', 'calendar', 'timeline', 'gallery']);
  expect(countableFields(article)).toEqual(['featured', 'topic']);
  const filters = { and: [{ field: 'views', operator: '$gt', value: '3' }] } as const;
  for (const kind of widgetKinds(article)) {
    const show = showOf(kind, article, filters);
    expect(show).toMatchObject({ kind, filters });
    expect(parseView({ kind: 'dashboard', widgets: [{ id: 'a', label: 'A', show }] }, testModel).problems).toEqual([]);
  }
  expect(widgetKinds(category)).toEqual(['count', 'table', 'kanban', 'calendar', 'timeline', 'tree']);
});

it('an item is moved within a list', () => {
  expect(moveItem(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b']);
});
