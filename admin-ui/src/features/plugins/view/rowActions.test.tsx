import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Providers, startTestTexts } from '@/fields/testing';
import common from '@/i18n/en/common.json';
import pluginView from '@/i18n/en/pluginView.json';
import views from '@/i18n/en/views.json';
import { localDay } from '@/views/filters/span';
import { testModel } from '@/views/testModel';
import { Blocks } from './Block';
import { type RunAction, BlocksContext, ViewContext, type ViewHost } from './context';
import type { Block } from './types';
import { loadBlocks } from './testing';

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

const hostWith = (act: RunAction): ViewHost => ({
  plugin: 'crm',
  view: 'pipeline',
  document: undefined,
  roomy: true,
  model: testModel,
  viewer: { model: testModel, now: new Date(), me: 'a@b.example', locale: 'en' },
  navigation: { href: () => '#', open: () => {} },
  language: 'en',
  choices: { tab: undefined, filters: undefined, parameters: {}, set: () => {} },
  act,
  goTo: () => {},
});

async function draw(block: object, act: RunAction) {
  await startTestTexts();
  for (const [name, texts] of Object.entries({ common, pluginView, views }))
    i18next.addResourceBundle('en', name, texts);
  render(
    <Providers>
      <ViewContext value={hostWith(act)}>
        <BlocksContext value={Blocks}>
          <Blocks blocks={[block as Block]} />
        </BlocksContext>
      </ViewContext>
    </Providers>,
  );
}

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
    await draw({ ...block, actions }, act);
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
    await draw({ kind: 'gallery', type: article, cover: 'cover' }, async () => {});
    await screen.findByText('First');
    expect(screen.queryByRole('button', { name: /Actions/ })).toBeNull();
  });
});
