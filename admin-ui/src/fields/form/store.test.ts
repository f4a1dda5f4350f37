import { describe, expect, it, vi } from 'vitest';
import { variablesOf } from '@/api/conditions';
import type { Attributes, Model } from '@/api/model';
import { isVisible } from './conditions';
import { EntryStore } from './store';
import { type Item, toKeys, toPlaces } from './values';
import { fromServer, toServer, withKeysOf } from './wire';

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
      attributes: {
        text: { type: 'string' },
        inner: { type: 'component', component: 'a.b', repeatable: true },
        secret: { type: 'password' },
      },
    },
  ],
};
const attributes: Attributes = {
  title: { type: 'string' },
  list: { type: 'component', component: 'a.b', repeatable: true },
  tags: { type: 'relation', relation: 'manyToMany', target: 'api::tag.tag' },
  cover: { type: 'media' },
};
const item = (key: string, text: string): Item => ({ __key: key, __component: 'a.b', text });

describe('the entry store', () => {
  it('notifies listeners on the path of a change, and no others', () => {
    const store = new EntryStore({ title: 'a', list: [item('1', 'x'), item('2', 'y')] });
    const [title, first, second, list] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
    store.subscribe('title', title);
    store.subscribe('list.#1.text', first);
    store.subscribe('list.#2.text', second);
    store.subscribe('list', list);
    const before = (store.get('list') as Item[])[1];
    store.set('list.#1.text', 'z');
    expect([title, first, second, list].map((each) => each.mock.calls.length)).toEqual([0, 1, 0, 1]);
    expect((store.get('list') as Item[])[1]).toBe(before);
  });

  it('undoes across fields, and typing in one step', () => {
    const store = new EntryStore({ title: '', other: '' });
    store.set('title', 'a');
    store.set('title', 'ab');
    store.set('other', 'x');
    expect(store.undo()).toBe('other');
    expect(store.values).toEqual({ title: 'ab', other: '' });
    expect(store.undo()).toBe('title');
    expect(store.values).toEqual({ title: '', other: '' });
    store.redo();
    store.redo();
    expect(store.values).toEqual({ title: 'ab', other: 'x' });
    expect(store.redo()).toBeNull();
  });

  it('reports what differs from the server', () => {
    const store = new EntryStore({ title: '', other: '' });
    store.set('title', 'a');
    expect(store.changed()).toEqual(['title']);
    store.undo();
    expect(store.changed()).toEqual([]);
  });

  it('clears a problem once its field changes', () => {
    const store = new EntryStore({ title: '', other: '' });
    store.setErrors(
      new Map([
        ['title', 'x'],
        ['other', 'y'],
      ]),
    );
    store.set('title', 'a');
    expect([...store.errors.keys()]).toEqual(['other']);
  });
});

describe('converting an entry', () => {
  const entry = {
    title: 'a',
    list: [{ id: 7, text: 'x', inner: [{ id: 9, text: 'y' }] }],
    tags: [{ documentId: 't', name: 'Tag' }],
    cover: { id: 3, name: 'c.png', url: '/c.png', mime: 'image/png' },
  };

  it('survives a round trip, with the ids of its components', () => {
    const { values, ids } = fromServer(model, attributes, entry);
    expect(toServer(model, attributes, values, ids, Object.keys(attributes))).toEqual({
      title: 'a',
      list: [{ id: 7, text: 'x', inner: [{ id: 9, text: 'y', inner: [] }] }],
      tags: { set: [{ documentId: 't' }] },
      cover: 3,
    });
  });

  it('does not send what it did not receive', () => {
    const { values, ids } = fromServer(model, attributes, { title: 'a', list: [] });
    expect(toServer(model, attributes, values, ids, Object.keys(attributes))).toEqual({ title: 'a', list: [] });
  });

  it('keeps item keys across a save', () => {
    const old = { list: [item('1', 'x'), item('2', 'new')] };
    const oldIds = new Map([['1', 7]]);
    const fresh = fromServer(
      model,
      { list: { type: 'component', component: 'a.b', repeatable: true } },
      {
        list: [
          { id: 7, text: 'x' },
          { id: 8, text: 'new' },
        ],
      },
    );
    const kept = withKeysOf(fresh, old, oldIds);
    expect((kept.values.list as Item[]).map((each) => each.__key)).toEqual(['1', '2']);
    expect(kept.ids).toEqual(
      new Map([
        ['1', 7],
        ['2', 8],
      ]),
    );
  });

  it('resolves the field that the server names', () => {
    const { values } = fromServer(model, attributes, entry);
    const path = toKeys(values, attributes, model, ['list', '0', 'inner', '0', 'text']);
    expect(path).toMatch(/^list\.#k[\w-]+\.inner\.#k[\w-]+\.text$/);
    expect(toPlaces(values, path)).toBe('list.0.inner.0.text');
    expect(toKeys(values, attributes, model, ['title', 'x'])).toBe('title');
  });
});

const beside: Record<string, unknown> = { kind: 'video', count: 3, on: true, text: '' };
const get = (name: string) => beside[name];
const siblings: Attributes = {
  kind: { type: 'string' },
  count: { type: 'integer' },
  on: { type: 'boolean' },
  text: { type: 'text' },
  unset: { type: 'string' },
};

describe('conditions', () => {
  it('show a field depending on its siblings, as the server evaluates them', () => {
    for (const [rule, shown] of [
      [{ '==': [{ var: 'kind' }, 'video'] }, true],
      [{ '!=': [{ var: 'kind' }, 'video'] }, false],
      [{ '==': [{ var: 'on' }, true] }, true],
      [{ '==': [{ var: 'count' }, '3'] }, true],
      [{ '===': [{ var: 'count' }, '3'] }, false],
      [{ '==': [{ var: 'unset' }, null] }, true],
      [{ '==': [{ var: 'unset' }, false] }, false],
      [{ and: [{ var: 'on' }, { '!': { var: 'text' } }] }, true],
      [{ or: [{ var: 'text' }, { '!!': [{ var: 'unset' }] }] }, false],
      [{ '!!': [{ var: ['unset', 1] }] }, true],
    ] as const)
      expect([rule, isVisible(rule, siblings, get)]).toEqual([rule, shown]);
    expect(isVisible(undefined, siblings, get)).toBe(true);
  });

  it('show a field whose rule names what is gone, or an operator that the server lacks', () => {
    expect(isVisible({ '==': [{ var: 'missing' }, 'x'] }, siblings, get)).toBe(true);
    expect(isVisible({ '>': [{ var: 'count' }, 9] }, siblings, get)).toBe(true);
  });

  it('list the attributes they depend on', () => {
    expect(variablesOf({ and: [{ '==': [{ var: 'kind' }, 'x'] }, { '!': { var: ['count'] } }] })).toEqual([
      'kind',
      'count',
    ]);
  });
});
