// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { OfflineError } from '@/api/client';
import * as content from '@/api/content';
import * as editorial from '@/api/editorial';
import type { ContentType } from '@/api/model';
import { testModel } from '@/views/testModel';
import * as localCopy from './localCopy';
import { planUndo } from './planUndo';
import type { EntrySession } from './session';
import { loadedEntry, openSession } from './testing';

const type = { ...testModel.contentTypes[0], attributes: { title: { type: 'string' } } } as ContentType;

/** What the server has: a draft and what readers see. */
const server = { version: 1, draft: 'draft', published: 'public' as string | null };
const calls: string[] = [];

const loaded = () =>
  loadedEntry(
    { title: server.draft },
    {
      version: String(server.version),
      state: { status: status(), version: server.version, locales: [{ locale: null, status: status() }] },
    },
  );
const status = (): content.DocumentStatus =>
  server.published === null ? 'draft' : server.published === server.draft ? 'published' : 'modified';

const readReview = vi.spyOn(editorial, 'readReview');
const listHistory = vi.spyOn(editorial, 'listHistory');
const readEntry = vi.spyOn(content, 'readEntry');

function open(more: Partial<ContentType> = {}, locales?: content.LocaleState[]): EntrySession {
  const read = loaded();
  const session = openSession(
    { ...type, ...more },
    locales && read.state ? { ...read, state: { ...read.state, locales } } : read,
    locales ? 'en' : undefined,
  );
  session.start();
  return session;
}

const besideDutch = (dutch: content.DocumentStatus): content.LocaleState[] => [
  { locale: 'en', status: 'draft' },
  { locale: 'nl', status: dutch },
];

/** Publishes or unpublishes, with what takes it back. */
async function act(session: EntrySession, action: 'publish' | 'unpublish') {
  const undo = await planUndo(session, action);
  await content.runEntryAction(session.type, 'd', action, {}, session.seen);
  await session.reload();
  calls.length = 0;
  return undo;
}

const review = (more: object = {}) => ({ workflow: null, publish: { allowed: true }, ...more }) as editorial.Review;

beforeEach(() => {
  Object.assign(server, { version: 1, draft: 'draft', published: 'public' });
  calls.length = 0;
  vi.spyOn(localCopy, 'storeCopy').mockResolvedValue(undefined);
  vi.spyOn(localCopy, 'deleteCopy').mockResolvedValue(undefined);
  readReview.mockReset().mockResolvedValue(review());
  listHistory.mockReset().mockImplementation(async () => ({
    entries: [
      { id: 8, status: 'draft' },
      { id: 7, status: 'published' },
    ] as editorial.HistoryEntry[],
    before: null,
  }));
  readEntry.mockReset().mockImplementation(async () => loaded());
  vi.spyOn(content, 'saveEntry').mockImplementation(async (_type, _id, data) => {
    calls.push(`save ${String(data.title)}`);
    server.version += 1;
    server.draft = String(data.title);
    return loaded();
  });
  vi.spyOn(content, 'runEntryAction').mockImplementation(async (_type, _id, action) => {
    calls.push(action);
    server.published = action === 'publish' ? server.draft : null;
    return { data: {} };
  });
  vi.spyOn(editorial, 'restoreVersion').mockImplementation(async (id, _seen, options) => {
    calls.push(`restore ${id} ${JSON.stringify(options)}`);
    server.version += 1;
    server.draft = 'public';
    server.published = 'public';
    return {};
  });
});

describe('the undo of publishing', () => {
  it('unpublishes what was not public before', async () => {
    server.published = null;
    const undo = await act(open(), 'publish');
    expect(server.published).toBe('draft');
    expect(await undo?.()).toBeNull();
    expect(server).toMatchObject({ draft: 'draft', published: null });
  });

  it('publishes again what readers saw before, and keeps the draft', async () => {
    const session = open();
    const undo = await act(session, 'publish');
    expect(server.published).toBe('draft');
    expect(await undo?.()).toBeNull();
    expect(calls).toEqual(['restore 7 {"publish":true}', 'save draft']);
    expect(server).toMatchObject({ draft: 'draft', published: 'public' });
    expect(session.store.get('title')).toBe('draft');
  });

  it('keeps what was written since', async () => {
    const session = open();
    const undo = await act(session, 'publish');
    session.store.set('title', 'later');
    expect(await undo?.()).toBeNull();
    expect(server).toMatchObject({ draft: 'later', published: 'public' });
  });

  it('says that it needs the latest changes saved', async () => {
    const session = open();
    const undo = await act(session, 'publish');
    vi.mocked(content.saveEntry).mockRejectedValue(new Error('refused'));
    session.store.set('title', 'refused');
    expect(await undo?.()).toBe('unsaved');
    expect(server.published).toBe('draft');
  });

  it('says that the draft is in the history where the connection breaks in between', async () => {
    const session = open();
    const undo = await act(session, 'publish');
    readEntry.mockRejectedValue(new OfflineError('away'));
    expect(await undo?.()).toBe('draft');
  });

  it.each([
    ['nothing changes', () => (server.published = server.draft), {}],
    ['a workflow asks for approvals', () => readReview.mockResolvedValue(review({ workflow: 'news' })), {}],
    ['the history has it no more', () => listHistory.mockResolvedValue({ entries: [], before: null }), {}],
    ['fields are not seen', () => undefined, { can: { ...type.can, fields: { read: ['title'], write: null } } }],
    ['fields cannot be written', () => undefined, { can: { ...type.can, fields: { read: null, write: ['title'] } } }],
    ['drafts cannot be saved', () => undefined, { can: { ...type.can, update: false } }],
  ])('is not offered where %s', async (_, prepare, more) => {
    prepare();
    expect(await planUndo(open(more), 'publish')).toBeNull();
  });

  it('is not offered where values that all locales share became public with it', async () => {
    server.published = null;
    expect(await planUndo(open({ localized: true }, besideDutch('modified')), 'publish')).toBeNull();
    expect(await planUndo(open({ localized: true }, besideDutch('published')), 'publish')).not.toBeNull();
  });
});

describe('the undo of unpublishing', () => {
  it('publishes the draft where that was public', async () => {
    server.published = 'draft';
    const undo = await act(open(), 'unpublish');
    expect(await undo?.()).toBeNull();
    expect(calls).toEqual(['publish']);
    expect(server.published).toBe('draft');
  });

  it('never publishes what was written since', async () => {
    server.published = 'draft';
    const session = open();
    const undo = await act(session, 'unpublish');
    session.store.set('title', 'later');
    expect(await undo?.()).toBe('changed');
    expect(server.published).toBeNull();
  });

  it('publishes what readers saw, and keeps a draft that differs', async () => {
    const undo = await act(open(), 'unpublish');
    expect(await undo?.()).toBeNull();
    expect(server).toMatchObject({ draft: 'draft', published: 'public' });
  });

  it('is not offered where the review would refuse to publish it', async () => {
    server.published = 'draft';
    readReview.mockResolvedValue(review({ publish: { allowed: false } }));
    expect(await planUndo(open(), 'unpublish')).toBeNull();
  });
});
