import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import * as content from '@/api/content';
import { renderPlain } from '@/fields/testing';
import { testModel } from '@/views/testModel';
import * as toast from '@/ui/toast';
import { TranslationMenu } from './TranslationMenu';
import * as localCopy from './localCopy';
import { inTwoLanguages, loadedEntry, openSession } from './testing';

vi.mock(import('./addresses'), async (original) => {
  const real = await original();
  return { ...real, entryAddress: { ...real.entryAddress, useSetSearch: () => () => undefined } as never };
});

const localised = { type: 'string', pluginOptions: { i18n: { localized: true } } };
const type = {
  ...testModel.contentTypes[0],
  localized: true,
  attributes: { title: localised, summary: localised },
} as (typeof testModel.contentTypes)[0];
const locales = [{ code: 'en' }, { code: 'nl' }];

const showToast = vi.spyOn(toast, 'showToast');

async function open(here: Record<string, unknown>) {
  const session = openSession(type, loadedEntry(here, { state: inTwoLanguages }), 'nl');
  await renderPlain(<TranslationMenu session={session} locales={locales} beside={undefined} mayWrite />);
  fireEvent.click(screen.getByRole('button', { name: 'Translation tools' }));
  await screen.findByRole('menu');
  return session;
}

beforeEach(() => {
  vi.spyOn(localCopy, 'storeCopy').mockResolvedValue(undefined);
  showToast.mockReset().mockReturnValue(() => undefined);
  vi.spyOn(content, 'readEntry').mockResolvedValue(
    loadedEntry({ id: 2, title: 'Hello', summary: 'A greeting' }, { state: inTwoLanguages }),
  );
});
afterEach(() => vi.restoreAllMocks);

it('gives each item a name of its own', async () => {
  await open({ title: 'Hallo' });
  const items = [...screen.getAllByRole('menuitemcheckbox'), ...screen.getAllByRole('menuitem')];
  const names = items.map((item) => item.textContent);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toHaveLength(3);
});

it('asks before it overwrites, and then offers to undo it', async () => {
  const session = await open({ title: 'Hallo', summary: null });
  fireEvent.click(screen.getByRole('menuitem', { name: 'Replace all with English…' }));
  const asked = await screen.findByRole('dialog', { name: 'Replace Dutch with English?' });
  expect(session.store.get('title')).toBe('Hallo');
  expect(
    within(asked)
      .getAllByRole('listitem')
      .map((item) => item.textContent),
  ).toEqual(['Title']);
  fireEvent.click(within(asked).getByRole('button', { name: 'Replace 1 field' }));
  await waitFor(() => expect(session.store.get('title')).toBe('Hello'));
  expect(session.store.get('summary')).toBe('A greeting');
  const [{ message, undo } = {}] = showToast.mock.calls[0] ?? [];
  expect(message).toBe('Filled 2 fields from English');
  void undo?.();
  expect(session.store.get('title')).toBe('Hallo');
});

it('can leave what is written after all', async () => {
  const session = await open({ title: 'Hallo', summary: null });
  fireEvent.click(screen.getByRole('menuitem', { name: 'Replace all with English…' }));
  fireEvent.click(await screen.findByRole('button', { name: 'Fill empty fields only' }));
  await waitFor(() => expect(session.store.get('summary')).toBe('A greeting'));
  expect(session.store.get('title')).toBe('Hallo');
});

it('does not ask where nothing would be lost', async () => {
  const session = await open({ title: null, summary: null });
  fireEvent.click(screen.getByRole('menuitem', { name: 'Replace all with English…' }));
  await waitFor(() => expect(session.store.get('title')).toBe('Hello'));
  expect(screen.queryByRole('dialog')).toBeNull();
});
