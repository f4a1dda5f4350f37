import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { localDay } from '@/views/filters/span';
import { testModel } from '@/views/testModel';
import type { RunAction } from './context';
import { loadBlocks, renderBlock } from './testing';

beforeAll(loadBlocks, 60_000);

const today = localDay(new Date());

vi.mock(import('@/api/content'), async (actual) => ({
  ...(await actual()),
  listEntries: async () => ({
    entries: [
      { documentId: 'd1', title: 'First', name: 'First', topic: 'news', day: today, cover: null, above: null } as never,
    ],
    total: 1,
    states: {},
    reviews: {},
  }),
}));

const article = 'api::article.article';

const actions = [{ id: 'send', call: 'send', label: 'Send it', confirm: 'Really?', values: { by: 'mail' } }];

describe('actions of a view of documents', () => {
  it.each([
    { kind: 'kanban', type: article, groupBy: 'topic', columns: ['news'] },
    { kind: 'gallery', type: article, cover: 'cover' },
    { kind: 'calendar', type: article, date: 'day', mode: 'agenda' },
    { kind: 'calendar', type: article, date: 'day' },
    { kind: 'timeline', type: article, date: 'day' },
    { kind: 'tree', type: 'api::category.category', parent: 'above' },
  ])('are in the menu of each document: $kind', async (block) => {
    const act = vi.fn<RunAction>(async () => {});
    await renderBlock({ ...block, actions }, testModel, act);
    const [button] = await screen.findAllByRole('button', { name: 'Actions for First' });
    expect(button?.tabIndex).toBe(0);
    button?.focus();
    await userEvent.keyboard('{Enter}');
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Send it' }));
    expect(await screen.findByText('Really?')).toBeTruthy();
    expect(act).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole('button', { name: 'Send it' }));
    expect(act).toHaveBeenCalledWith('send', { by: 'mail' }, { contentType: block.type, documentId: 'd1' });
  });

  it('have no menu if there are none', async () => {
    await renderBlock({ kind: 'gallery', type: article, cover: 'cover' }, testModel);
    await screen.findByText('First');
    expect(screen.queryByRole('button', { name: /Actions/ })).toBeNull();
  });
});
