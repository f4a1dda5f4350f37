import { expect, it } from 'vitest';
import { parseView } from '@/views/parseView';
import { testModel } from '@/views/testModel';
import { kindsOf, moved, sharesOf, showOf } from './widgets';

const [article, category] = testModel.contentTypes;
if (!article || !category) throw new Error('the model has types');

it('offers only what can be shown, and each as it can be read back', () => {
  expect(kindsOf(article)).toEqual(['count', 'breakdown', 'table', 'kanban', 'calendar', 'timeline', 'gallery']);
  expect(sharesOf(article)).toEqual(['featured', 'topic']);
  const filters = { and: [{ field: 'views', operator: '$gt', value: '3' }] } as const;
  for (const kind of kindsOf(article)) {
    const show = showOf(kind, article, filters);
    expect(show).toMatchObject({ kind, filters });
    expect(parseView({ kind: 'dashboard', widgets: [{ id: 'a', label: 'A', show }] }, testModel).problems).toEqual([]);
  }
  expect(kindsOf(category)).toEqual(['count', 'table', 'kanban', 'calendar', 'timeline', 'tree']);
});

it('moves within a list', () => {
  expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b']);
});
