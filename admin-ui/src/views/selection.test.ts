import { expect, it } from 'vitest';
import { selectFields } from './selection';
import { testModel } from './testModel';

it('requests only the fields that are shown', () => {
  const [type] = testModel.contentTypes;
  if (!type) throw new Error('the model has types');
  expect(
    selectFields(testModel, type, [
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
