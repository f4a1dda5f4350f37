// @vitest-environment jsdom
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, OfflineError } from '@/api/client';
import * as content from '@/api/content';
import * as editorial from '@/api/editorial';
import type { ContentType } from '@/api/model';
import { startTestTexts } from '@/fields/testing';
import * as toast from '@/ui/toast';
import { testModel } from '@/views/testModel';
import * as plan from './planUndo';
import { preparePublicationToast } from './publicationToast';
import { loadedEntry, openSession } from './testing';

const showToast = vi.spyOn(toast, 'showToast');
const makePreview = vi.spyOn(editorial, 'makePreview');
const planUndo = vi.spyOn(plan, 'planUndo');
const undone = vi.fn();

async function show(
  action: 'publish' | 'unpublish',
  { undo = null, more = {} }: { undo?: plan.UndoPublication | null; more?: Partial<ContentType> } = {},
) {
  const type = { ...testModel.contentTypes[0], attributes: {}, previewable: true, ...more } as ContentType;
  const session = openSession(type, loadedEntry({}, { state: { status: 'published', version: 1, locales: [] } }));
  planUndo.mockResolvedValue(undo);
  (await preparePublicationToast(session, action, undone))();
  const [shown] = showToast.mock.calls[0] ?? [];
  showToast.mockClear();
  return shown;
}

const link = (url: string | null) => ({ url }) as editorial.PreviewLink;

/** A tab of the browser. */
function openTab() {
  const tab = { opener: window, location: { replace: vi.fn() }, close: vi.fn() };
  vi.spyOn(window, 'open').mockReturnValue(tab as unknown as Window);
  return tab;
}

beforeAll(startTestTexts);
beforeEach(() => {
  showToast.mockReset().mockReturnValue(() => undefined);
  makePreview.mockReset().mockResolvedValue(link('https://example.com/news/one'));
  undone.mockReset();
});

describe('the site', () => {
  it('is opened in a new tab that does not lead back', async () => {
    const tab = openTab();
    await (await show('publish'))?.next?.run();
    expect(makePreview.mock.calls[0]?.[0]).toMatchObject({ uid: 'api::article.article', documentId: 'd' });
    expect(tab.location.replace).toHaveBeenCalledExactlyOnceWith('https://example.com/news/one');
    expect(tab.opener).toBeNull();
  });

  it.each([
    ['javascript:alert(1)', 'preview'],
    [null, 'preview'],
  ])('is not opened at %s', async (url, message) => {
    const tab = openTab();
    makePreview.mockResolvedValue(link(url));
    await (await show('publish'))?.next?.run();
    expect(tab.location.replace).not.toHaveBeenCalled();
    expect(tab.close).toHaveBeenCalled();
    expect(showToast.mock.calls[0]?.[0]).toMatchObject({ failed: true, message: expect.stringContaining(message) });
  });

  it('leaves no empty tab where the server refuses', async () => {
    const tab = openTab();
    makePreview.mockRejectedValue(new OfflineError('away'));
    await expect((await show('publish'))?.next?.run()).rejects.toThrow('away');
    expect(tab.close).toHaveBeenCalled();
  });

  it('says that the browser blocked it', async () => {
    vi.spyOn(window, 'open').mockReturnValue(null);
    await (await show('publish'))?.next?.run();
    expect(makePreview).not.toHaveBeenCalled();
    expect(showToast.mock.calls[0]?.[0]).toMatchObject({ failed: true, message: expect.stringContaining('blocked') });
  });

  it('is not offered where there is nothing to see, or the server would refuse', async () => {
    const { can } = testModel.contentTypes[0] as ContentType;
    expect((await show('unpublish'))?.next).toBeUndefined();
    expect((await show('publish', { more: { previewable: false } }))?.next).toBeUndefined();
    const fields = { read: ['title'], write: null };
    expect((await show('publish', { more: { can: { ...can, fields } } }))?.next).toBeUndefined();
  });
});

describe('undo', () => {
  it('is not offered where there is no way back', async () => {
    expect((await show('publish'))?.undo).toBeUndefined();
  });

  it('says what it did', async () => {
    await (await show('unpublish', { undo: async () => null }))?.undo?.();
    expect(showToast).toHaveBeenCalledExactlyOnceWith({ message: 'Published again' });
    expect(undone).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['what is not saved', async () => 'unsaved' as const, 'couldn’t be saved', true],
    ['a lost connection', () => Promise.reject(new OfflineError('away')), 'can’t be reached', true],
    ['a later change', async () => 'changed' as const, 'has changed since', false],
    [
      'somebody else’s save',
      () =>
        Promise.reject(
          new ApiError({
            status: 409,
            name: 'ConflictError',
            message: 'changed',
            details: { currentVersion: 3, by: { name: 'Bert' } },
          }),
        ),
      'Bert changed',
      false,
    ],
    ['a refusal', () => Promise.reject(new Error('broken')), 'Not undone.', false],
  ])('says that it did not because of %s', async (_, undo, message, again) => {
    vi.spyOn(content, 'readEntry').mockRejectedValue(new OfflineError('away'));
    await (await show('publish', { undo }))?.undo?.();
    const [told] = showToast.mock.calls[0] ?? [];
    expect(told).toMatchObject({ failed: true, message: expect.stringContaining(message) });
    expect(told?.undo !== undefined).toBe(again);
  });
});
