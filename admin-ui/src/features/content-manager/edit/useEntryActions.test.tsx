import { act, renderHook, waitFor } from '@testing-library/react';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { OfflineError } from '@/api/client';
import * as content from '@/api/content';
import { Providers, startTestTexts } from '@/fields/testing';
import { testModel } from '@/views/testModel';
import * as toast from '@/ui/toast';
import * as concerns from './concerns';
import * as plan from './planUndo';
import * as localCopy from './localCopy';
import { loadedEntry, openSession } from './testing';
import { useEntryActions } from './useEntryActions';

const type = {
  ...testModel.contentTypes[0],
  attributes: { title: { type: 'string' } },
} as (typeof testModel.contentTypes)[0];

const loaded = (version: string, title: string) => loadedEntry({ title }, { version });

const save = vi.spyOn(content, 'saveEntry');
const read = vi.spyOn(content, 'readEntry');
const runAction = vi.spyOn(content, 'runEntryAction');
const showToast = vi.spyOn(toast, 'showToast');

function begin() {
  const session = openSession(type, loaded('1', 'a'));
  session.start();
  const options = { session, check: () => true, saveNow: async () => true, showErrors: vi.fn() };
  const { result } = renderHook(() => useEntryActions(options), { wrapper: Providers });
  return { session, actions: result };
}

beforeAll(startTestTexts);
beforeEach(() => {
  vi.spyOn(localCopy, 'storeCopy').mockResolvedValue(undefined);
  vi.spyOn(localCopy, 'deleteCopy').mockResolvedValue(undefined);
  vi.spyOn(concerns, 'loadConcerns').mockResolvedValue({ unpublished: [], review: null });
  save.mockReset().mockImplementation(async (_type, _id, data) => loaded('2', String(data.title)));
  read.mockReset().mockResolvedValue(loaded('3', 'a'));
  runAction.mockReset().mockResolvedValue({ data: {} });
  showToast.mockReset().mockReturnValue(() => undefined);
});

describe('publishing', () => {
  it('waits for a file that is being uploaded, and publishes with it', async () => {
    const { session, actions } = begin();
    const arrive: (() => void)[] = [];
    session.store.uploads.add(
      new Promise((done) =>
        arrive.push(() => {
          session.store.set('title', 'with the file');
          done(true);
        }),
      ),
    );
    act(() => void actions.current.run('publish'));
    expect(actions.current.busy).toBe('publish');
    await new Promise((done) => setTimeout(done, 20));
    expect(runAction).not.toHaveBeenCalled();
    act(() => arrive[0]?.());
    await waitFor(() => expect(runAction).toHaveBeenCalledTimes(1));
    expect(save.mock.calls[0]?.[2]).toEqual({ title: 'with the file' });
    await waitFor(() => expect(actions.current.busy).toBeNull());
  });

  it('does not happen without a file that could not be uploaded, and says so', async () => {
    const { session, actions } = begin();
    session.store.uploads.add(Promise.reject(new Error('too large')));
    await act(() => actions.current.run('publish'));
    expect(runAction).not.toHaveBeenCalled();
    expect(showToast.mock.calls[0]?.[0]).toMatchObject({ failed: true, message: expect.stringContaining('uploaded') });
  });

  it.each([
    ['the draft cannot be saved', true],
    ['the draft is saved already', false],
  ])('says that the server cannot be reached if %s', async (_, changed) => {
    const { session, actions } = begin();
    save.mockRejectedValue(new OfflineError('away'));
    runAction.mockRejectedValue(new OfflineError('away'));
    if (changed) session.store.set('title', 'b');
    await act(() => actions.current.run('publish'));
    expect(showToast).toHaveBeenCalledExactlyOnceWith({
      failed: true,
      message: expect.stringContaining('Couldn’t publish'),
    });
  });
});

describe('what follows', () => {
  it('is done after it, also where something was asked first, and not where it was left', async () => {
    const { actions } = begin();
    const ask = vi.mocked(concerns.loadConcerns);
    const unpublished = [{ uid: 'api::a.a', documentId: 'x', title: 'X', field: 'phase' }];
    ask.mockResolvedValue({ unpublished, review: null });
    const then = vi.fn();
    await act(() => actions.current.run('publish', then));
    expect(then).not.toHaveBeenCalled();
    act(() => actions.current.leaveIt());
    await act(() => actions.current.run('publish', then));
    act(() => actions.current.publishAnyway());
    await waitFor(() => expect(then).toHaveBeenCalledTimes(1));
    ask.mockResolvedValue({ unpublished: [], review: null });
    await act(() => actions.current.run('publish'));
    expect(then).toHaveBeenCalledTimes(1);
  });

  it('is not done where it failed', async () => {
    const { actions } = begin();
    runAction.mockRejectedValue(new OfflineError('away'));
    const then = vi.fn();
    await act(() => actions.current.run('publish', then));
    expect(then).not.toHaveBeenCalled();
  });
});

describe('what was done', () => {
  it('is shown with the way back that was found before it was done', async () => {
    const { actions } = begin();
    const undo = vi.fn(async () => null);
    const planUndo = vi.spyOn(plan, 'planUndo').mockResolvedValue(undo);
    await act(() => actions.current.run('unpublish'));
    expect(planUndo.mock.invocationCallOrder[0]).toBeLessThan(runAction.mock.invocationCallOrder[0] ?? 0);
    const [told] = showToast.mock.calls[0] ?? [];
    expect(told?.message).toBe('Unpublished');
    await act(async () => told?.undo?.());
    expect(undo).toHaveBeenCalledTimes(1);
    planUndo.mockRestore();
  });

  it('is done where it cannot be found out how to take it back', async () => {
    const { actions } = begin();
    const planUndo = vi.spyOn(plan, 'planUndo').mockRejectedValue(new OfflineError('away'));
    await act(() => actions.current.run('publish'));
    expect(runAction).toHaveBeenCalledTimes(1);
    expect(showToast.mock.calls[0]?.[0]).toMatchObject({ message: 'Published', undo: undefined });
    planUndo.mockRestore();
  });

  it('takes the toast of what was done before away', async () => {
    const { actions } = begin();
    const close = vi.fn();
    showToast.mockReturnValue(close);
    await act(() => actions.current.run('publish'));
    expect(close).not.toHaveBeenCalled();
    await act(() => actions.current.run('unpublish'));
    expect(close).toHaveBeenCalledTimes(1);
  });
});

describe('discarding', () => {
  it('can be undone, with what was not saved yet', async () => {
    const { session, actions } = begin();
    session.store.set('title', 'typed');
    await act(() => actions.current.run('discard-draft'));
    expect(runAction.mock.calls[0]?.[2]).toBe('discard-draft');
    expect(session.store.get('title')).toBe('a');
    const [{ undo } = {}] = showToast.mock.calls[0] ?? [];
    await act(async () => undo?.());
    expect(session.store.get('title')).toBe('typed');
    expect(save.mock.calls.at(-1)?.[2]).toEqual({ title: 'typed' });
    expect(session.save.is).toBe('saved');
  });
});
