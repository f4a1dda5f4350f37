// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, OfflineError } from '@/api/client';
import * as content from '@/api/content';
import type { ContentType, Model } from '@/api/model';
import type { Item } from '@/fields/form/values';
import * as localCopy from './localCopy';
import { EntrySession } from './session';

const type: ContentType = {
  uid: 'api::a.a',
  kind: 'collectionType',
  info: { singularName: 'a', pluralName: 'as', displayName: 'A', description: '' },
  draftAndPublish: true,
  localized: false,
  titleField: 'title',
  route: 'as',
  previewable: false,
  privateFiles: false,
  attributes: {
    title: { type: 'string' },
    body: { type: 'text' },
    list: { type: 'component', component: 'a.b', repeatable: true },
  },
  can: { find: true, create: true, update: true, delete: true, publish: true, fields: { read: null, write: null } },
  missingChecks: [],
};
const model: Model = {
  contentTypes: [type],
  hash: '',
  locked: false,
  components: [{ uid: 'a.b', category: 'a', displayName: 'B', icon: null, attributes: { text: { type: 'string' } } }],
};

const entry = (more: object = {}) => ({
  id: 1,
  documentId: 'd',
  title: 'a',
  body: null,
  list: [{ id: 7, text: 'x' }],
  ...more,
});
const read = (version: string, more: object = {}): content.LoadedEntry => ({
  entry: entry(more),
  version,
  state: { status: 'draft', version: 1, locales: [] },
  problems: [],
});

const save = vi.spyOn(content, 'saveEntry');
const readAgain = vi.spyOn(content, 'readEntry');
const findTaken = vi.spyOn(content, 'findTakenValues').mockResolvedValue(new Set());
const keep = vi.spyOn(localCopy, 'storeCopy').mockResolvedValue(undefined);
const drop = vi.spyOn(localCopy, 'deleteCopy').mockResolvedValue(undefined);

/** The same type with a name for addresses. */
const named: ContentType = { ...type, attributes: { ...type.attributes, slug: { type: 'uid', targetField: 'title' } } };

function begin(given: content.LoadedEntry | null = read('1'), ofType = type) {
  const session = new EntrySession({
    model,
    type: ofType,
    documentId: given ? 'd' : undefined,
    locale: undefined,
    read: given,
    initial: { title: null, body: null, list: [] },
    copyKey: 'k',
  });
  const stop = session.start();
  return { session, stop };
}

beforeEach(() => {
  vi.useFakeTimers();
  save.mockReset();
  readAgain.mockReset();
  keep.mockClear();
  drop.mockClear();
});
afterEach(() => vi.useRealTimers());

describe('an edit session', () => {
  it('saves only the changes, two seconds after the last key', async () => {
    save.mockImplementation(async (_type, _id, data) => read('2', data));
    const { session, stop } = begin();
    session.store.set('title', 'b');
    await vi.advanceTimersByTimeAsync(1500);
    session.store.set('title', 'bc');
    await vi.advanceTimersByTimeAsync(1900);
    expect(save).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    expect(save).toHaveBeenCalledExactlyOnceWith(
      type,
      'd',
      { title: 'bc' },
      { precondition: { version: '1' }, locale: undefined, autosave: true, keepInvalid: true },
    );
    expect(session.save.is).toBe('saved');
    expect(drop).toHaveBeenCalledWith('k');
    stop();
  });

  it('is a draft once it was saved first, no longer new', async () => {
    save.mockImplementation(async (_type, _id, data) => ({ ...read('1', data), state: null }));
    const { session, stop } = begin(null);
    session.store.set('title', 'new');
    await session.flush();
    expect(session.state?.locales).toEqual([{ locale: null, status: 'draft' }]);
    stop();
  });

  it('waits for files on their way when it is asked to save, and saves them after its page has gone', async () => {
    save.mockImplementation(async (_type, _id, data) => read('2', data));
    const { session, stop } = begin();
    const arrive: (() => void)[] = [];
    const upload = (name: string) =>
      session.store.uploads.add(
        new Promise((done) =>
          arrive.push(() => {
            session.store.set('body', name);
            done(true);
          }),
        ),
      );
    upload('first');
    expect(session.unsaved).toBe(true);
    const flushed = session.flush('asked');
    await vi.advanceTimersByTimeAsync(100);
    expect(save).not.toHaveBeenCalled();
    arrive[0]?.();
    expect(await flushed).toBe(true);
    expect(save.mock.calls[0]?.[2]).toEqual({ body: 'first' });
    expect(session.unsaved).toBe(false);
    upload('second');
    stop();
    await vi.advanceTimersByTimeAsync(100);
    expect(save).toHaveBeenCalledTimes(1);
    arrive[1]?.();
    await vi.advanceTimersByTimeAsync(100);
    expect(save.mock.calls[1]?.[2]).toEqual({ body: 'second' });
  });

  it('saves every ten seconds while typing continues', async () => {
    save.mockImplementation(async (_type, _id, data) => read('2', data));
    const { session, stop } = begin();
    for (let at = 0; at < 12; at += 1) {
      session.store.set('title', `t${at}`);
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(save).toHaveBeenCalledTimes(1);
    stop();
  });

  it('sends one save at a time, and does not mark later changes as saved', async () => {
    const answers: ((answer: content.LoadedEntry) => void)[] = [];
    save.mockImplementation(() => new Promise((done) => answers.push(done)));
    const { session } = begin();
    session.store.set('title', 'one');
    const first = session.flush();
    await vi.advanceTimersByTimeAsync(1);
    session.store.set('title', 'two');
    const second = session.flush();
    await vi.advanceTimersByTimeAsync(1);
    expect(save).toHaveBeenCalledTimes(1);
    answers[0]?.(read('2', { title: 'one' }));
    await vi.advanceTimersByTimeAsync(1);
    expect(session.store.get('title')).toBe('two');
    expect(save).toHaveBeenCalledTimes(2);
    expect(save.mock.calls[1]?.[3]?.precondition).toEqual({ version: '2' });
    answers[1]?.(read('3', { title: 'two' }));
    await vi.advanceTimersByTimeAsync(1);
    expect([await first, await second]).toEqual([true, true]);
    expect(session.unsaved).toBe(false);
  });

  it('keeps changes on the device while the server is unreachable, and sends them afterwards', async () => {
    save.mockRejectedValueOnce(new OfflineError('away'));
    const { session, stop } = begin();
    session.store.set('title', 'b');
    await vi.advanceTimersByTimeAsync(2100);
    expect(session.save.is).toBe('offline');
    expect(keep.mock.calls.at(-1)?.[1].values.title).toBe('b');
    save.mockImplementation(async (_type, _id, data) => read('2', data));
    await vi.advanceTimersByTimeAsync(1100);
    expect(session.save.is).toBe('saved');
    stop();
  });

  it('merges what somebody else saved', async () => {
    save.mockRejectedValueOnce(
      new ApiError({ status: 409, name: 'ConflictError', message: 'x', details: { currentVersion: 5 } }),
    );
    readAgain.mockResolvedValue(read('5', { body: 'theirs' }));
    const { session, stop } = begin();
    session.store.set('title', 'mine');
    save.mockImplementation(async (_type, _id, data) => read('6', { body: 'theirs', ...data }));
    await vi.advanceTimersByTimeAsync(5000);
    expect(session.store.values).toMatchObject({ title: 'mine', body: 'theirs' });
    expect(save.mock.calls[1]?.slice(2)).toEqual([
      { title: 'mine' },
      { precondition: { version: '5' }, locale: undefined, autosave: true, keepInvalid: true },
    ]);
    expect(session.save.is).toBe('saved');
    stop();
  });

  it('asks for a decision on conflicts, and undo restores the other version', async () => {
    save.mockRejectedValueOnce(
      new ApiError({
        status: 409,
        name: 'ConflictError',
        message: 'x',
        details: { currentVersion: 5, by: { name: 'Ann' } },
      }),
    );
    readAgain.mockResolvedValue(read('5', { title: 'theirs' }));
    const { session, stop } = begin();
    session.store.set('title', 'mine');
    await vi.advanceTimersByTimeAsync(2100);
    expect(session.save).toMatchObject({
      is: 'conflict',
      by: 'Ann',
      conflicts: [{ path: 'title', base: 'a', mine: 'mine', theirs: 'theirs' }],
    });
    expect(session.store.get('title')).toBe('mine');
    save.mockImplementation(async (_type, _id, data) => read('6', data));
    session.resolve(new Map([['title', 'mine']]));
    await vi.advanceTimersByTimeAsync(100);
    expect(save.mock.calls.at(-1)?.slice(2)).toEqual([
      { title: 'mine' },
      { precondition: { version: '5' }, locale: undefined, autosave: false, keepInvalid: true },
    ]);
    session.store.undo();
    expect(session.store.get('title')).toBe('theirs');
    stop();
  });

  it('shows validation errors of the server at their fields', async () => {
    const details = {
      errors: [{ path: ['list', '0', 'text'], message: 'list[0].text must be nice', name: 'ValidationError' }],
    };
    save.mockRejectedValueOnce(new ApiError({ status: 400, name: 'ValidationError', message: 'x', details }));
    const { session, stop } = begin();
    session.store.set('title', 'b');
    await vi.advanceTimersByTimeAsync(2100);
    expect(session.save).toEqual({ is: 'refused', rest: [] });
    const [item] = session.store.get('list') as Item[];
    expect([...session.store.errors]).toEqual([[`list.#${item?.__key}.text`, 'Must be nice']]);
    stop();
  });

  it('names the problems of a draft beside its fields, and not what it only lacks', async () => {
    const long = { path: ['title'], message: 'title must be at most 1 characters' };
    const lacks = [
      { path: ['body'], message: 'body must be a `string` type, but the final value was: `null`.' },
      { path: ['list', '0', 'text'], message: 'list[0].text must be at least 3 characters' },
    ];
    const { session, stop } = begin({ ...read('1'), problems: [long, ...lacks] });
    expect([...session.store.problems.keys()]).toEqual(['title']);
    // Nothing is refused: what is to be mended is said once, where it is.
    expect(session.store.errors.size).toBe(0);
    session.store.set('title', '');
    expect(session.store.problems.size).toBe(0);
    save.mockImplementation(async (_type, _id, data) => ({ ...read('2', data), problems: [long] }));
    session.store.set('title', 'bcd');
    await vi.advanceTimersByTimeAsync(2100);
    expect(session.save.is).toBe('saved');
    expect(session.unsaved).toBe(false);
    expect([...session.store.problems.keys()]).toEqual(['title']);
    stop();
  });

  it('saves all but the field that the server refuses, which stays on the device', async () => {
    const errors = [
      { path: ['body'], message: 'body must be one of the following values: a, b', name: 'ValidationError' },
    ];
    save.mockImplementation(async (_type, _id, data) => {
      if ('body' in data)
        throw new ApiError({ status: 400, name: 'ValidationError', message: 'x', details: { errors } });
      return read('2', data);
    });
    const { session, stop } = begin();
    session.store.set('title', 'b');
    session.store.set('body', 'c');
    await vi.advanceTimersByTimeAsync(2100);
    expect(save.mock.calls.map((call) => call[2])).toEqual([{ title: 'b', body: 'c' }, { title: 'b' }]);
    expect(session.save).toEqual({ is: 'refused', rest: [], held: 1 });
    expect([session.store.saved.title, session.store.saved.body]).toEqual(['b', null]);
    expect(session.store.values).toMatchObject({ title: 'b', body: 'c' });
    expect([...session.store.errors.keys()]).toEqual(['body']);
    expect(session.unsaved).toBe(true);
    expect(keep.mock.lastCall?.[1].values).toMatchObject({ body: 'c' });
    expect(drop).not.toHaveBeenCalled();
    // Nothing is tried again by itself, and what is typed elsewhere does not wait for it.
    await vi.advanceTimersByTimeAsync(60_000);
    expect(save).toHaveBeenCalledTimes(2);
    session.store.set('title', 'd');
    await vi.advanceTimersByTimeAsync(2100);
    expect(save.mock.calls.slice(2).map((call) => call[2])).toEqual([{ title: 'd' }]);
    expect(session.save).toEqual({ is: 'refused', rest: [], held: 1 });
    expect([...session.store.errors.keys()]).toEqual(['body']);
    save.mockImplementation(async (_type, _id, data) => read('3', { title: 'd', ...data }));
    session.store.set('body', 'a');
    await vi.advanceTimersByTimeAsync(2100);
    expect(session.save.is).toBe('saved');
    expect(session.unsaved).toBe(false);
    stop();
  });

  it('makes no entry of which nothing but the refused field was typed', async () => {
    const errors = [{ path: ['body'], message: 'body must be a `string` type, but …', name: 'ValidationError' }];
    save.mockRejectedValue(new ApiError({ status: 400, name: 'ValidationError', message: 'x', details: { errors } }));
    const { session, stop } = begin(null);
    session.store.set('body', 'c');
    await vi.advanceTimersByTimeAsync(2100);
    expect(save).toHaveBeenCalledTimes(1);
    expect(session.save).toEqual({ is: 'refused', rest: [] });
    stop();
  });

  it('continues from a local copy, merged with what others saved since', () => {
    const { session, stop } = begin(read('9', { body: 'theirs' }));
    session.recover({
      values: { title: 'left', body: null, list: [] },
      base: { title: 'a', body: null, list: [] },
      ids: new Map(),
      version: '1',
      at: 0,
    });
    expect(session.store.values).toMatchObject({ title: 'left', body: 'theirs' });
    expect((session.store.get('list') as Item[]).map((item) => item.text)).toEqual(['x']);
    expect(session.store.changed()).toEqual(['title']);
    stop();
  });

  it('sends only touched attributes', async () => {
    save.mockImplementation(async (_type, _id, data) => read('2', data));
    const { session, stop } = begin();
    session.store.set('body', 'mine');
    expect(await session.flush()).toBe(true);
    expect(save.mock.calls.map((call) => call.slice(2))).toEqual([
      [{ body: 'mine' }, { precondition: { version: '1' }, locale: undefined, autosave: false, keepInvalid: true }],
    ]);
    stop();
  });

  it('creates the document of a single type only if it does not exist, and continues from one that somebody else created', async () => {
    save.mockRejectedValueOnce(
      new ApiError({
        status: 409,
        name: 'ConflictError',
        message: 'x',
        details: { currentVersion: 1, yourVersion: null },
      }),
    );
    readAgain.mockResolvedValue(read('1', { body: 'theirs', title: null, list: [] }));
    const single: ContentType = { ...type, kind: 'singleType' };
    const session = new EntrySession({
      model,
      type: single,
      documentId: undefined,
      locale: undefined,
      read: null,
      initial: { title: null, body: null, list: [] },
      copyKey: 'k',
    });
    const stop = session.start();
    session.store.set('title', 'mine');
    save.mockImplementation(async (_type, _id, data) => read('2', { body: 'theirs', list: [], ...data }));
    await vi.advanceTimersByTimeAsync(5000);
    expect(save.mock.calls.map((call) => [call[1], call[2], call[3].precondition])).toEqual([
      [undefined, { title: 'mine', body: null, list: [] }, 'absent'],
      ['d', { title: 'mine' }, { version: '1' }],
    ]);
    expect(session.store.values).toMatchObject({ title: 'mine', body: 'theirs' });
    expect(session.save.is).toBe('saved');
    stop();
  });

  it('creates another locale from its own attributes only', async () => {
    save.mockImplementation(async (_type, _id, data) => read('1', data));
    const own = { pluginOptions: { i18n: { localized: true } } };
    const translated: ContentType = {
      ...type,
      localized: true,
      attributes: { title: { type: 'string', ...own }, body: { type: 'text' }, list: { type: 'json', ...own } },
    };
    const session = new EntrySession({
      model,
      type: translated,
      documentId: 'd',
      locale: 'nl',
      read: null,
      initial: { title: null, body: 'shared', list: null },
      copyKey: 'k',
    });
    const stop = session.start();
    session.store.set('title', 'nieuw');
    await vi.advanceTimersByTimeAsync(2100);
    expect(save.mock.calls.map((call) => [call[2], call[3].precondition])).toEqual([
      [{ title: 'nieuw', list: null }, 'absent'],
    ]);
    expect(session.seen).toEqual({ version: '1' });
    stop();
  });

  it('shows what somebody else saved before publishing', async () => {
    readAgain.mockResolvedValue(read('5', { body: 'theirs' }));
    const { session, stop } = begin();
    expect(session.seen).toEqual({ version: '1' });
    await session.catchUp(
      new ApiError({ status: 409, name: 'ConflictError', message: 'x', details: { currentVersion: 5 } }),
    );
    expect([session.seen, session.store.get('body'), session.save.is]).toEqual([{ version: '5' }, 'theirs', 'saved']);
    expect(save).not.toHaveBeenCalled();
    stop();
  });

  it('creates its document with the first save', async () => {
    save.mockImplementation(async (_type, _id, data) => read('1', data));
    const { session, stop } = begin(null);
    const created = vi.fn();
    session.whenCreated(created);
    session.store.set('title', 'new');
    await vi.advanceTimersByTimeAsync(2100);
    expect(save.mock.calls.map((call) => call[1])).toEqual([undefined]);
    expect(created).toHaveBeenCalledExactlyOnceWith('d');
    stop();
  });

  it('saves a slug that is free, also where only the server knows which', async () => {
    findTaken.mockResolvedValueOnce(new Set(['b']));
    const errors = [{ path: ['slug'], message: 'This attribute must be unique', name: 'ValidationError' }];
    save.mockRejectedValueOnce(
      new ApiError({ status: 400, name: 'ValidationError', message: 'x', details: { errors } }),
    );
    save.mockImplementation(async (_type, _id, data) => read('2', data));
    findTaken.mockResolvedValueOnce(new Set(['b']));
    const { session, stop } = begin(read('1', { slug: 'a' }), named);
    session.store.set('title', 'b');
    expect(await session.flush()).toBe(true);
    expect(save.mock.calls.map((call) => call[2])).toEqual([
      { title: 'b', slug: 'b-2' },
      { title: 'b', slug: 'b-3' },
    ]);
    expect(session.save.is).toBe('saved');
    stop();
  });

  it('asks about the title that two changed, and not about the slug that follows it', async () => {
    save.mockRejectedValueOnce(
      new ApiError({ status: 409, name: 'ConflictError', message: 'x', details: { currentVersion: 5 } }),
    );
    readAgain.mockResolvedValue(read('5', { title: 'theirs', slug: 'theirs' }));
    save.mockImplementation(async (_type, _id, data) => read('6', { title: 'theirs', slug: 'theirs', ...data }));
    const { session, stop } = begin(read('1', { slug: 'a' }), named);
    session.store.set('title', 'mine');
    await vi.advanceTimersByTimeAsync(2100);
    expect(session.save).toMatchObject({ is: 'conflict', conflicts: [{ path: 'title' }] });
    session.resolve(new Map([['title', 'theirs']]));
    await vi.advanceTimersByTimeAsync(100);
    expect(session.store.values).toMatchObject({ title: 'theirs', slug: 'theirs' });
    expect(session.save.is).toBe('saved');
    // It follows what was chosen from here on.
    session.store.set('title', 'both');
    expect(session.store.get('slug')).toBe('both');
    stop();
  });
});
