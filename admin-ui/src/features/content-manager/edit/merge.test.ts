import { describe, expect, it } from 'vitest';
import type { Attributes, Model } from '@/api/model';
import type { Item } from '@/fields/form/values';
import { merge, takeTheirs } from './merge';

const model: Model = {
  contentTypes: [],
  hash: '',
  locked: false,
  components: [
    {
      uid: 'a.b',
      category: 'a',
      displayName: 'B',
      icon: null,
      attributes: { text: { type: 'string' }, note: { type: 'string' } },
    },
  ],
};
const attributes: Attributes = {
  title: { type: 'string' },
  body: { type: 'text' },
  seo: { type: 'component', component: 'a.b' },
  list: { type: 'component', component: 'a.b', repeatable: true },
};
const item = (key: string, text: string, note = ''): Item => ({ __key: key, __component: 'a.b', text, note });

describe('merging changes of two people', () => {
  it('merges changes of different fields', () => {
    const base = { title: 'a', body: 'b', seo: item('s', 'x', 'y'), list: [item('1', 'p'), item('2', 'q')] };
    const mine = { ...base, title: 'A', seo: item('s', 'X', 'y'), list: [item('1', 'P'), item('2', 'q')] };
    const theirs = { title: 'a', body: 'B', seo: item('s', 'x', 'Y'), list: [item('1', 'p'), item('2', 'Q')] };
    expect(merge(model, attributes, base, mine, theirs)).toEqual({
      values: { title: 'A', body: 'B', seo: item('s', 'X', 'Y'), list: [item('1', 'P'), item('2', 'Q')] },
      conflicts: [],
    });
  });

  it('reports a conflict if both changed a field differently', () => {
    const base = { title: 'a', body: null, seo: item('s', 'x'), list: [] };
    const { values, conflicts } = merge(
      model,
      attributes,
      base,
      { ...base, title: 'mine', seo: item('s', 'm') },
      { ...base, title: 'theirs', seo: item('s', 't') },
    );
    expect(conflicts).toEqual([
      { path: 'title', base: 'a', mine: 'mine', theirs: 'theirs' },
      { path: 'seo.text', base: 'x', mine: 'm', theirs: 't' },
    ]);
    expect(values.title).toBe('mine');
  });

  it('reports no conflict if both made the same change', () => {
    const base = { title: 'a', body: null, seo: null, list: [] };
    expect(merge(model, attributes, base, { ...base, title: 'b' }, { ...base, title: 'b' }).conflicts).toEqual([]);
  });

  it('reports a conflict of the whole list if items were added, removed or moved', () => {
    const base = { title: 'a', body: null, seo: null, list: [item('1', 'p'), item('2', 'q')] };
    const mine = { ...base, list: [item('2', 'q'), item('1', 'p')] };
    const theirs = { ...base, list: [item('1', 'p'), item('2', 'q'), item('3', 'r')] };
    expect(merge(model, attributes, base, mine, theirs).conflicts.map((conflict) => conflict.path)).toEqual(['list']);
  });

  describe('of a title that a slug follows', () => {
    const named: Attributes = { slug: { type: 'uid', targetField: 'title' }, ...attributes };
    const base = { slug: 'rain', title: 'Rain', body: null, seo: null, list: [] };
    const snow = { ...base, slug: 'snow', title: 'Snow' };
    const hail = { ...base, slug: 'hail-2', title: 'Hail' };

    const pathsOf = (mine: object, theirs: object) =>
      merge(model, named, base, { ...base, ...mine }, { ...base, ...theirs }).conflicts.map(({ path }) => path);

    it('asks about the title, and the slug goes with it', () => {
      const { values, conflicts } = merge(model, named, base, snow, hail);
      expect(conflicts.map((conflict) => conflict.path)).toEqual(['title']);
      expect(values).toEqual(snow);
      expect(conflicts.reduce(takeTheirs, values)).toEqual(hail);
    });

    it('takes the slug of the title that counts where only the slugs differ, or one changed no title', () => {
      const numbered = { ...snow, slug: 'snow-2' };
      expect(merge(model, named, base, snow, numbered)).toEqual({ values: numbered, conflicts: [] });
      const renumbered = { ...base, slug: 'rain-2' };
      expect(merge(model, named, base, snow, renumbered)).toEqual({ values: snow, conflicts: [] });
      expect(merge(model, named, base, renumbered, snow)).toEqual({ values: snow, conflicts: [] });
    });

    it('asks about a slug that somebody typed', () => {
      const typed = { ...hail, slug: 'weather' };
      expect(pathsOf(typed, snow)).toEqual(['slug', 'title']);
      expect(pathsOf(snow, typed)).toEqual(['slug', 'title']);
    });
  });
});
