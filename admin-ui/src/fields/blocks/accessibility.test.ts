// @vitest-environment jsdom
import { getSchema } from '@tiptap/core';
import { DOMParser, DOMSerializer } from '@tiptap/pm/model';
import { describe, expect, it } from 'vitest';
import { fromBlocks, type PmNode, toBlocks } from './convert';
import { findingsOf } from './accessibility';
import { extensions } from './schema';

const schema = getSchema(extensions);
const look = (blocks: unknown[]) => findingsOf(schema.nodeFromJSON(fromBlocks(blocks)));
const heading = (level: number, text: string) => ({ type: 'heading', level, children: [{ type: 'text', text }] });
const image = (more: object) => ({
  type: 'image',
  image: { url: '/a.png', name: 'a.png', ...more },
  children: [{ type: 'text', text: '' }],
});

describe('accessibility problems of a text', () => {
  it('include skipped heading levels, counted from the page title', () => {
    expect(look([heading(2, 'a'), heading(3, 'b'), heading(2, 'c')])).toEqual([]);
    expect(look([heading(3, 'a')])).toMatchObject([{ kind: 'skipped', level: 3, fits: 2 }]);
    expect(look([heading(2, 'a'), heading(4, 'b'), heading(4, 'c')])).toMatchObject([
      { kind: 'skipped', text: 'b', fits: 3 },
    ]);
  });

  it('include empty headings, which do not count as a level', () => {
    expect(look([heading(2, 'a'), heading(4, ' '), heading(3, 'b')])).toMatchObject([{ kind: 'emptyHeading' }]);
  });

  it('include images without alternative text, except decorative ones', () => {
    expect(
      look([
        image({ alternativeText: null }),
        image({ alternativeText: '' }),
        image({ alternativeText: 'A car' }),
        image({}),
      ]),
    ).toMatchObject([{ kind: 'noAlt', name: 'a.png' }, { kind: 'noAlt' }]);
  });
});

describe('text copied into another field', () => {
  it('includes images and unknown parts, but no imitations of them', () => {
    const given = [
      image({ alternativeText: 'A car' }),
      { type: 'embed', url: 'https://example.com' },
      {
        type: 'paragraph',
        children: [
          { type: 'text', text: 'x' },
          { type: 'mention', id: 3 },
        ],
      },
    ];
    const held = document.createElement('div');
    held.append(DOMSerializer.fromSchema(schema).serializeFragment(schema.nodeFromJSON(fromBlocks(given)).content));
    const copy = DOMParser.fromSchema(schema).parse(held);
    expect(toBlocks(copy.toJSON() as PmNode)).toEqual(given);
    held.innerHTML =
      '<figure data-image data-json="{&quot;type&quot;:&quot;x&quot;}">words</figure><figure data-image data-json="{">more</figure>';
    expect(DOMParser.fromSchema(schema).parse(held).textContent).toBe('wordsmore');
  });
});
