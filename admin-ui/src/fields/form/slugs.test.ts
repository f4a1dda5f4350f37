// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/api/client';
import type { Attributes } from '@/api/model';
import { EntrySlugs, fillTargets, followersOf } from './slugs';
import { EntryStore } from './store';

const attributes = {
  title: { type: 'string' },
  slug: { type: 'uid', targetField: 'title', maxLength: 12 },
  code: { type: 'uid' },
} as unknown as Attributes;

const empty = { title: null, slug: null, code: null } as Record<string, unknown>;

function typing({ values = empty, mayFollow = true, created = true, others = [] as string[] } = {}) {
  const store = new EntryStore(values);
  const findTaken = vi.fn(
    async (_name: string, asked: readonly string[]) => new Set(asked.filter((each) => others.includes(each))),
  );
  const slugs = new EntrySlugs({
    store,
    attributes,
    mayFollow: () => mayFollow,
    documentId: () => (created ? 'd' : undefined),
    findTaken,
  });
  return { store, slugs, findTaken, stop: slugs.start() };
}

/** Until the server was asked, and has answered. */
const checked = () => vi.advanceTimersByTimeAsync(400);

const notUnique = () =>
  new ApiError({
    status: 400,
    name: 'ValidationError',
    message: 'This attribute must be unique',
    details: { errors: [{ path: ['slug'], message: 'This attribute must be unique', name: 'ValidationError' }] },
  });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

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
    const { store } = typing({ values: { title: 'Rain', slug: 'rain', code: null }, mayFollow: false });
    store.set('title', 'Snow');
    expect(store.get('slug')).toBe('rain');
  });

  it('are undone with the title', () => {
    const { store } = typing({ values: { title: 'Rain', slug: 'rain', code: null } });
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

describe('names for addresses that other entries have', () => {
  it('get the first number that is free, and go on following', async () => {
    const { store, findTaken } = typing({ others: ['rain', 'rain-2', 'rain-and-for', 'rain-and-f-2'] });
    store.set('title', 'Ra');
    store.set('title', 'Rain');
    await checked();
    expect(store.get('slug')).toBe('rain-3');
    expect(findTaken).toHaveBeenCalledTimes(1);
    // Signs that are not in the name change nothing.
    store.set('title', 'Rain!');
    expect(store.get('slug')).toBe('rain-3');
    store.set('title', 'Rain, and forty smiles');
    await checked();
    expect(store.get('slug')).toBe('rain-and-f-3');
    expect(store.undo()).toBe('title');
    store.set('title', 'Snow');
    expect(store.get('slug')).toBe('snow');
  });

  it('are told of where somebody typed them, and not changed', async () => {
    const { store, slugs } = typing({ others: ['weather', 'rain'] });
    store.set('title', 'Rain');
    slugs.type('slug', 'weather');
    store.set('slug', 'weather');
    await checked();
    expect(store.get('slug')).toBe('weather');
    expect(slugs.taken('slug')).toEqual({ value: 'weather', free: 'weather-2' });
    // Also the one that it had by itself, once somebody means it.
    slugs.type('slug', 'rain');
    store.set('slug', 'rain');
    expect(slugs.taken('slug')).toBeNull();
    await checked();
    expect(store.get('slug')).toBe('rain');
    expect(slugs.taken('slug')).toEqual({ value: 'rain', free: 'rain-2' });
    slugs.make('slug');
    await checked();
    expect(store.get('slug')).toBe('rain-2');
    expect(slugs.taken('slug')).toBeNull();
  });

  it('are looked up for an entry that begins with one, and not for those that are saved', async () => {
    const values = { title: 'Rain', slug: 'rain', code: null };
    const created = typing({ values, others: ['rain'], created: false });
    const opened = typing({ values, others: ['rain'] });
    await checked();
    expect(created.store.get('slug')).toBe('rain-2');
    expect(opened.store.get('slug')).toBe('rain');
    expect(opened.findTaken).not.toHaveBeenCalled();
  });

  it('are replaced by the answer about the last of them only', async () => {
    const { store, findTaken } = typing();
    const answers: ((taken: Set<string>) => void)[] = [];
    findTaken.mockImplementation(() => new Promise((done) => answers.push(done)));
    store.set('title', 'Rain');
    await checked();
    store.set('title', 'Snow');
    await checked();
    answers[1]?.(new Set(['snow']));
    await vi.advanceTimersByTimeAsync(1);
    answers[0]?.(new Set(['rain']));
    await vi.advanceTimersByTimeAsync(1);
    expect(store.get('slug')).toBe('snow-2');
  });

  it('are replaced before they are saved, however soon that is', async () => {
    const { store, slugs } = typing({ others: ['rain'] });
    store.set('title', 'Rain');
    expect(await slugs.save(async () => store.get('slug'))).toBe('rain-2');
  });

  it('are replaced where the server alone knows that they are taken', async () => {
    const { store, slugs } = typing();
    store.set('title', 'Rain');
    const sent: unknown[] = [];
    await slugs.save(async () => {
      sent.push(store.get('slug'));
      if (sent.length < 3) throw notUnique();
    });
    expect(sent).toEqual(['rain', 'rain-2', 'rain-3']);
  });

  it('are not replaced where somebody typed them and the server refuses them', async () => {
    const { store, slugs } = typing();
    slugs.type('slug', 'weather');
    store.set('slug', 'weather');
    const send = vi.fn(async () => Promise.reject(notUnique()));
    await expect(slugs.save(send)).rejects.toThrow('must be unique');
    expect(send).toHaveBeenCalledTimes(1);
    expect(store.get('slug')).toBe('weather');
    expect(slugs.taken('slug')).toEqual({ value: 'weather', free: 'weather-2' });
  });

  it('stay where the server cannot be asked', async () => {
    const { store, slugs, findTaken } = typing();
    findTaken.mockRejectedValue(new Error('away'));
    store.set('title', 'Rain');
    expect(await slugs.save(async () => store.get('slug'))).toBe('rain');
  });
});
