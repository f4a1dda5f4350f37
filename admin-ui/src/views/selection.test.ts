import { expect, it } from 'vitest';
import { selectionOf } from './selection';
import { testModel } from './testModel';

it('asks for what is shown and no more', () => {
  const [type] = testModel.contentTypes;
  if (!type) throw new Error('the model has types');
  expect(
    selectionOf(testModel, type, [
      'title',
      'updatedAt',
      'category',
      'category.colour',
      'tags',
      'seo',
      'status',
      'gone',
    ]),
  ).toEqual({
    fields: ['title', 'updatedAt'],
    populate: {
      category: { fields: ['name', 'colour'], populate: {} },
      tags: { fields: ['name'], populate: {} },
      seo: true,
    },
  });
});
