import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBlocks, normalise, toBlocks } from './convert';

const flag = fc.option(fc.boolean(), { nil: undefined });
const words = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom('', ' ', 'a\nb', '\n', '<script>alert(1)</script>', 'é 漢字 🎈', '\u0000'),
);

const leaf = fc
  .record({ text: words, bold: flag, italic: flag, underline: flag, strikethrough: flag, code: flag })
  .map((parts) => ({
    type: 'text',
    ...Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)),
  }));

const strange = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.record({
    type: fc.constantFrom('mention', 'text', 'link', 'list', 'paragraph', 'heading', 'embed'),
    data: fc.jsonValue({ maxDepth: 1 }),
  }),
);

const link = fc
  .record({
    url: fc.constantFrom('https://example.com', '/about', 'javascript:alert(1)'),
    children: fc.array(leaf, { maxLength: 3 }),
    rel: fc.option(fc.constant('nofollow'), { nil: undefined }),
  })
  .map(({ rel, ...rest }) => ({ type: 'link', ...rest, ...(rel ? { rel } : {}) }));

const inlines = fc.array(
  fc.oneof({ weight: 6, arbitrary: leaf }, { weight: 2, arbitrary: link }, { weight: 1, arbitrary: strange }),
  { maxLength: 5 },
);
const extras = fc.option(fc.record({ id: fc.integer(), align: fc.constantFrom('left', 'right') }), { nil: undefined });

const list = fc.letrec((tie) => ({
  item: fc.record({ type: fc.constant('list-item'), children: inlines }),
  list: fc
    .record({
      format: fc.constantFrom('ordered', 'unordered'),
      indentLevel: fc.option(fc.nat(6), { nil: undefined }),
      children: fc.array(fc.oneof({ maxDepth: 4, withCrossShrink: true }, tie('item'), tie('list'), strange), {
        minLength: 0,
        maxLength: 4,
      }),
    })
    .map(({ indentLevel, ...rest }) => ({
      type: 'list',
      ...rest,
      ...(indentLevel === undefined ? {} : { indentLevel }),
    })),
})).list;

const block = fc.oneof(
  fc
    .tuple(fc.record({ type: fc.constantFrom('paragraph', 'quote'), children: inlines }), extras)
    .map(([node, extra]) => ({ ...node, ...extra })),
  fc.record({
    type: fc.constant('heading'),
    level: fc.oneof(fc.integer({ min: 0, max: 7 }), fc.constant('2')),
    children: inlines,
  }),
  fc.record({
    type: fc.constant('code'),
    language: fc.constantFrom('js', null, 'plaintext'),
    children: fc.array(leaf, { maxLength: 2 }),
  }),
  fc.record({
    type: fc.constant('image'),
    image: fc.oneof(fc.record({ url: words, name: words }), fc.constant(null)),
    children: fc.constant([{ type: 'text', text: '' }]),
  }),
  list,
  strange,
);

const trees = fc.array(block, { maxLength: 6 });

/** As a save and a read leave it: undefined keys are gone. */
const clean = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const item = (text: string) => ({ type: 'list-item', children: [{ type: 'text', text }] });

describe('blocks', () => {
  it('survive a round trip, except for equivalent forms', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const given = clean(tree);
        expect(toBlocks(fromBlocks(given))).toEqual(normalise(given));
      }),
      { numRuns: 10_000 },
    );
  }, 120_000);

  it('do not change when normalised or converted again', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const once = normalise(clean(tree));
        expect(normalise(once)).toEqual(once);
        expect(toBlocks(fromBlocks(once))).toEqual(once);
      }),
      { numRuns: 3000 },
    );
  }, 120_000);

  it('lose no text and no unknown part', () => {
    const given = [
      {
        type: 'paragraph',
        children: [
          { type: 'text', text: 'a' },
          { type: 'mention', id: 7 },
        ],
      },
      { type: 'embed', url: 'https://example.com' },
      'not a block',
      {
        type: 'list',
        format: 'ordered',
        children: [{ type: 'list-item', children: [{ type: 'paragraph', children: [] }] }],
      },
    ];
    expect(toBlocks(fromBlocks(given))).toEqual(given);
  });

  it('keep separate lists separate, with their levels', () => {
    const given = [
      {
        type: 'list',
        format: 'ordered',
        children: [item('a'), { type: 'list', format: 'unordered', indentLevel: 1, children: [item('b')] }, item('c')],
      },
      { type: 'list', format: 'ordered', indentLevel: 0, children: [item('d')] },
    ];
    expect(toBlocks(fromBlocks(given))).toEqual(given);
  });

  it('are regrouped into lists when items were moved', () => {
    const doc = fromBlocks([
      {
        type: 'list',
        format: 'ordered',
        children: [
          { type: 'list-item', children: [{ type: 'text', text: 'a' }] },
          { type: 'list-item', children: [{ type: 'text', text: 'b' }] },
        ],
      },
    ]);
    const second = doc.content?.[1];
    if (second) second.attrs = { ...second.attrs, level: 1 };
    expect(toBlocks(doc)).toEqual([
      {
        type: 'list',
        format: 'ordered',
        children: [
          { type: 'list-item', children: [{ type: 'text', text: 'a' }] },
          {
            type: 'list',
            format: 'ordered',
            indentLevel: 1,
            children: [{ type: 'list-item', children: [{ type: 'text', text: 'b' }] }],
          },
        ],
      },
    ]);
  });
});
