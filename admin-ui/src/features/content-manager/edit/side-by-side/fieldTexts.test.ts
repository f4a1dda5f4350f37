import { describe, expect, it } from 'vitest';
import type { Attribute, Model } from '@/api/model';
import { listTexts, replaceTexts } from './fieldTexts';

const model = {
  contentTypes: [],
  components: [
    {
      uid: 'block.quote',
      attributes: { text: { type: 'text' }, author: { type: 'string' }, kind: { type: 'enumeration', enum: ['a'] } },
    },
  ],
} as unknown as Model;
const attribute = (type: string, more: object = {}) => ({ type, ...more }) as Attribute;
const shout = (kind: Attribute, value: unknown) =>
  replaceTexts(
    model,
    kind,
    value,
    listTexts(model, kind, value).map((text) => text.toUpperCase()),
  );

describe('texts of a field', () => {
  it('are its words, with the space around them left alone', () => {
    expect(listTexts(model, attribute('string'), ' The gate \n')).toEqual(['The gate']);
    expect(shout(attribute('text'), ' The gate \n')).toBe(' THE GATE \n');
  });

  it('are neither addresses nor numbers nor what has a form of its own', () => {
    for (const value of ['https://example.com/a', '/over-ons', 'mailto:a@example.com', '12,5', '', null, 7])
      expect(listTexts(model, attribute('string'), value)).toEqual([]);
    expect(listTexts(model, attribute('string', { regex: '^[a-z]+$' }), 'code')).toEqual([]);
    expect(listTexts(model, attribute('string', { customField: 'plugin::x.colour' }), 'red')).toEqual([]);
    expect(listTexts(model, attribute('enumeration'), 'open')).toEqual([]);
    expect(listTexts(model, attribute('uid'), 'the-gate')).toEqual([]);
  });

  it('of Markdown are the words of its lines; what makes the structure stays', () => {
    const markdown = [
      '## The gate',
      '',
      'It **opens** at [seven](/hours).',
      '- first\n  1. second',
      '> said',
      '```js\nconst gate = 1;\n```',
      '| a | b1 |\n|---|---|',
      '[hours]: https://example.com',
      '<div class="wide">',
    ].join('\n');
    expect(listTexts(model, attribute('richtext'), markdown)).toEqual([
      'The gate',
      'It **opens** at [seven](/hours).',
      'first',
      'second',
      'said',
      'a',
      'b1',
    ]);
    expect(shout(attribute('richtext'), '# a\n\n- b\n\n| c | d |')).toBe('# A\n\n- B\n\n| C | D |');
    expect(
      replaceTexts(model, attribute('richtext'), markdown, listTexts(model, attribute('richtext'), markdown)),
    ).toBe(markdown);
  });

  it('of blocks are those of its text nodes, without code', () => {
    const blocks = [
      { type: 'heading', level: 2, children: [{ type: 'text', text: 'The gate' }] },
      {
        type: 'paragraph',
        children: [
          { type: 'text', text: 'It ' },
          { type: 'text', text: 'opens', bold: true },
          { type: 'link', url: '/hours', children: [{ type: 'text', text: ' at seven' }] },
        ],
      },
      { type: 'code', children: [{ type: 'text', text: 'let gate' }] },
    ];
    expect(listTexts(model, attribute('blocks'), blocks)).toEqual(['The gate', 'It', 'opens', 'at seven']);
    expect(shout(attribute('blocks'), blocks)).toEqual([
      { type: 'heading', level: 2, children: [{ type: 'text', text: 'THE GATE' }] },
      {
        type: 'paragraph',
        children: [
          { type: 'text', text: 'IT ' },
          { type: 'text', text: 'OPENS', bold: true },
          { type: 'link', url: '/hours', children: [{ type: 'text', text: ' AT SEVEN' }] },
        ],
      },
      blocks[2],
    ]);
  });

  it('of components are those of their fields', () => {
    const item = { __key: 'k1', __component: 'block.quote', text: 'Said', author: 'Anna', kind: 'a' };
    expect(listTexts(model, attribute('dynamiczone'), [item])).toEqual(['Said', 'Anna']);
    expect(shout(attribute('component'), item)).toEqual({ ...item, text: 'SAID', author: 'ANNA' });
    expect(listTexts(model, attribute('component'), null)).toEqual([]);
  });
});
