import { expect, test } from 'vitest';
import { toChangeLines } from './changes';

test('links are listed by name, components by what changed inside', () => {
  const lines = toChangeLines([
    { attribute: 'price', type: 'decimal', before: 1, after: 2 },
    {
      attribute: 'tags',
      type: 'relation',
      added: [{ documentId: 'b' }],
      removed: [{ documentId: 'a', title: 'A' }],
      reordered: false,
    },
    {
      attribute: 'seo',
      type: 'component',
      change: 'changed',
      fields: [{ attribute: 'text', type: 'string', before: 'x', after: 'y' }],
    },
    {
      attribute: 'blocks',
      type: 'dynamiczone',
      items: [
        { change: 'removed', from: 1, component: 'a.b', before: { text: 'gone' } },
        { change: 'moved', from: 2, to: 0, component: 'a.b' },
        {
          change: 'changed',
          from: 0,
          to: 1,
          component: 'a.b',
          fields: [{ attribute: 'text', type: 'string', before: '1', after: '2' }],
        },
      ],
    },
  ]);
  expect(lines.map(({ at, before, after }) => [at, before, after])).toEqual([
    ['price', 1, 2],
    ['tags', 'A', 'b'],
    ['seo.text', 'x', 'y'],
    ['blocks.2', { text: 'gone' }, undefined],
    ['blocks', 3, 1],
    ['blocks.2.text', '1', '2'],
  ]);
});
