import { expect, it } from 'vitest';
import type { Attribute, Attributes, Model } from '@/api/model';
import { testModel } from '@/views/testModel';
import { toApiResponse } from './toApiResponse';

const hidden: Attribute = { type: 'string', private: true };
const [article, category] = testModel.contentTypes;
const [seo] = testModel.components;
if (!article || !category || !seo) throw new Error('the test model has no types');
const attributes: Attributes = {
  ...article.attributes,
  note: hidden,
  blocks: { type: 'dynamiczone', components: ['shared.seo'] },
  author: { type: 'relation', relation: 'manyToOne', target: 'plugin::users-permissions.user' },
};
const model: Model = {
  ...testModel,
  components: [{ ...seo, attributes: { ...seo.attributes, note: hidden } }],
  contentTypes: [
    { ...article, attributes },
    { ...category, attributes: { ...category.attributes, note: hidden } },
  ],
};

const respond = (data: object | string): Record<string, unknown> =>
  (
    JSON.parse(
      toApiResponse(
        model,
        { attributes },
        typeof data === 'string' ? data : JSON.stringify({ data, meta: { states: {} } }),
      ),
    ) as { data: Record<string, unknown> }
  ).data;

it('leaves out private attributes, wherever they are', () => {
  expect(
    respond({
      id: 1,
      title: 'Open',
      note: 'secret',
      seo: { id: 2, metaTitle: 'Open', note: 'secret' },
      blocks: [{ __component: 'shared.seo', id: 3, metaTitle: 'Block', note: 'secret' }],
      category: { id: 4, name: 'News', note: 'secret' },
      tags: [{ id: 5, name: 'Harbour', note: 'secret' }],
      localizations: [{ id: 6, title: 'Open', note: 'secret' }],
      author: { id: 7, username: 'nel', resetPasswordToken: 'secret', confirmationToken: 'secret' },
    }),
  ).toEqual({
    id: 1,
    title: 'Open',
    seo: { id: 2, metaTitle: 'Open' },
    blocks: [{ __component: 'shared.seo', id: 3, metaTitle: 'Block' }],
    category: { id: 4, name: 'News' },
    tags: [{ id: 5, name: 'Harbour' }],
    localizations: [{ id: 6, title: 'Open' }],
    author: { id: 7, username: 'nel' },
  });
});

it('keeps what is empty', () => {
  const data = { id: 1, seo: null, blocks: [], category: null, tags: [] };
  expect(respond(data)).toEqual(data);
});

// Node has it from version 21 on, as browsers have it.
it.runIf('rawJSON' in JSON)('writes numbers as the API does', () => {
  const text = toApiResponse(model, { attributes }, '{"data":{"price":12345678901234567.50,"views":3},"meta":{}}');
  expect(text).toBe(
    ['{', '  "data": {', '    "price": 12345678901234567.50,', '    "views": 3', '  },', '  "meta": {}', '}'].join(
      '\n',
    ),
  );
});
