// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from 'vitest';
import { DraftStore } from './draftStore';
import { UNCHANGED } from './model/draft';

const KEY = 'cairn.builder.test';

function add(uid: string): (changes: typeof UNCHANGED) => typeof UNCHANGED {
  return (changes) => ({ ...changes, contentTypes: { ...changes.contentTypes, [uid]: { info: {}, attributes: {} } } });
}

describe('the working copy', () => {
  beforeEach(() => localStorage.clear());

  it('supports undo and redo', () => {
    const store = new DraftStore(KEY);
    store.change(add('api::a.a'), 'h1');
    store.change(add('api::b.b'), 'h2');
    store.change((same) => ({ ...same }), 'h2');
    expect(store.read().past).toHaveLength(2);
    // Begun on the model of its first change.
    expect(store.read().hash).toBe('h1');
    store.undo();
    store.undo();
    store.undo();
    expect(store.read().present).toEqual(UNCHANGED);
    store.redo();
    expect(Object.keys(store.read().present.contentTypes)).toEqual(['api::a.a']);
    store.change(add('api::c.c'), 'h1');
    expect(store.read().future).toEqual([]);
  });

  it('survives a reload, and is cleared when applied', () => {
    new DraftStore(KEY).change(add('api::a.a'), 'h1');
    const again = new DraftStore(KEY);
    expect([Object.keys(again.read().present.contentTypes), again.read().hash]).toEqual([['api::a.a'], 'h1']);
    again.clear();
    expect(new DraftStore(KEY).read().present).toEqual(UNCHANGED);
  });

  it.each(['{', '5', '{"present":5,"hash":"x"}', '{"present":{"contentTypes":{"a":5},"components":{}},"hash":"x"}'])(
    'ignores %s',
    (text) => {
      localStorage.setItem(KEY, text);
      expect(new DraftStore(KEY).read().present).toEqual(UNCHANGED);
    },
  );
});
