import { describe, expect, it } from 'vitest';
import type { Attributes } from '@/api/model';
import { fillTargets, followersOf, followTargets } from './followTargets';
import { EntryStore } from './store';

const attributes = {
  title: { type: 'string' },
  slug: { type: 'uid', targetField: 'title', maxLength: 12 },
  code: { type: 'uid' },
} as unknown as Attributes;

function typing(values = { title: null, slug: null, code: null } as Record<string, unknown>, mayFollow = () => true) {
  const store = new EntryStore(values);
  const stop = followTargets(store, attributes, mayFollow);
  return { store, stop };
}

describe('names for addresses', () => {
  it('follow the title while it is typed', () => {
    const { store } = typing();
    store.set('title', 'Rain');
    store.set('title', 'Rain, and forty smiles');
    expect(store.get('slug')).toBe('rain-and-for');
    expect(store.get('code')).toBeNull();
    store.set('title', '');
    expect(store.get('slug')).toBeNull();
  });

  it('stay as somebody typed them, and follow again once they are empty', () => {
    const { store } = typing();
    store.set('title', 'Rain');
    store.set('slug', 'weather');
    store.set('title', 'Rain again');
    expect(store.get('slug')).toBe('weather');
    store.set('slug', null);
    store.set('title', 'Snow');
    expect(store.get('slug')).toBe('snow');
  });

  it('stay once the entry may be linked to', () => {
    const { store } = typing({ title: 'Rain', slug: 'rain', code: null }, () => false);
    store.set('title', 'Snow');
    expect(store.get('slug')).toBe('rain');
  });

  it('are undone with the title', () => {
    const { store } = typing({ title: 'Rain', slug: 'rain', code: null });
    store.set('title', 'Snow');
    expect(store.get('slug')).toBe('snow');
    expect(store.undo()).toBe('title');
    expect(store.values).toEqual({ title: 'Rain', slug: 'rain', code: null });
    expect(store.redo()).toBe('title');
    expect(store.values).toEqual({ title: 'Snow', slug: 'snow', code: null });
  });

  it('are filled for values that an entry begins with, and sent with a form that has the title', () => {
    const values = { title: 'A new topic', slug: null };
    fillTargets(attributes, values);
    expect(values.slug).toBe('a-new-topic');
    expect(followersOf(attributes, ['title'])).toEqual(['slug']);
    expect(followersOf(attributes, ['title', 'slug'])).toEqual([]);
  });
});
