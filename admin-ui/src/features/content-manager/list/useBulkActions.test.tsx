import { act, renderHook, waitFor } from '@testing-library/react';
import i18next from 'i18next';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Entry } from '@/api/content';
import { Providers, startTestTexts } from '@/fields/testing';
import list from '@/i18n/en/list.json';
import { testModel } from '@/views/testModel';
import { runBulk } from './bulk';
import { useBulkActions } from './useBulkActions';
import { useSelection } from './useSelection';

const [article] = testModel.contentTypes;
if (!article) throw new Error('the model has types');
const type = article;

vi.mock(import('./bulk'), () => ({
  runBulk: vi.fn<typeof runBulk>(async (action, ids) => ({
    action,
    total: ids.length,
    done: ids.length,
    unchanged: 0,
    failures: [],
    cancelled: false,
    undo: [],
    final: 0,
  })),
}));

const QUERY = {};
const entry = (documentId: string): Entry => ({ documentId }) as Entry;

function renderActions() {
  return renderHook(
    () => {
      const selection = useSelection(type, QUERY);
      return { selection, actions: useBulkActions(type, undefined, selection) };
    },
    { wrapper: Providers },
  ).result;
}

/** The actions that ran, each with its documents. */
const runs = () => vi.mocked(runBulk).mock.calls.map(([action, ids]) => [action, ids]);

beforeAll(async () => {
  await startTestTexts();
  i18next.addResourceBundle('en', 'list', list);
});
beforeEach(() => {
  vi.mocked(runBulk).mockClear();
});

describe('bulk actions', () => {
  it('on a selection run once they are confirmed', async () => {
    const hook = renderActions();
    act(() => hook.current.selection.extend([entry('m1'), entry('m2')]));
    act(() => hook.current.actions.chooseForSelection('publish'));
    expect(hook.current.actions.pending).toEqual({ kind: 'publish', ids: ['m1', 'm2'] });
    expect(runs()).toEqual([]);
    act(() => hook.current.actions.confirm({ kind: 'publish' }));
    act(() => hook.current.actions.close());
    expect(hook.current.actions.pending).toBeNull();
    expect(hook.current.actions.busy).toBe(true);
    await waitFor(() => expect(hook.current.actions.busy).toBe(false));
    expect(runs()).toEqual([[{ kind: 'publish' }, ['m1', 'm2']]]);
    expect(hook.current.selection.ids).toEqual(['m1', 'm2']);
  });

  it('do not run if they are closed', () => {
    const hook = renderActions();
    act(() => hook.current.selection.toggle(entry('m1')));
    act(() => hook.current.actions.chooseForSelection('delete'));
    act(() => hook.current.actions.close());
    expect(hook.current.actions.pending).toBeNull();
    expect(runs()).toEqual([]);
    expect(hook.current.selection.ids).toEqual(['m1']);
  });

  it('clear the selection when they delete it', async () => {
    const hook = renderActions();
    act(() => hook.current.selection.toggle(entry('m1')));
    act(() => hook.current.actions.chooseForSelection('delete'));
    act(() => hook.current.actions.confirm({ kind: 'delete' }));
    expect(hook.current.selection.size).toBe(0);
    await waitFor(() => expect(hook.current.actions.busy).toBe(false));
    expect(runs()).toEqual([[{ kind: 'delete' }, ['m1']]]);
  });

  it.each(['publish', 'unpublish', 'duplicate', 'delete'] as const)('on one entry run at once: %s', async (kind) => {
    const hook = renderActions();
    act(() => hook.current.actions.chooseForEntry(kind, entry('m3')));
    expect(hook.current.actions.pending).toBeNull();
    await waitFor(() => expect(hook.current.actions.busy).toBe(false));
    expect(runs()).toEqual([[{ kind }, ['m3']]]);
  });

  it.each(['edit', 'release', 'assign'] as const)('on one entry ask for what they need: %s', (kind) => {
    const hook = renderActions();
    act(() => hook.current.actions.chooseForEntry(kind, entry('m3')));
    expect(hook.current.actions.pending).toEqual({ kind, ids: ['m3'] });
    expect(runs()).toEqual([]);
  });
});
