import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import * as content from '@/api/content';
import type { Attribute } from '@/api/model';
import type { FormHost } from '@/fields/form/context';
import { EntryForm } from '@/fields/form/Fields';
import { Providers, startTestTexts } from '@/fields/testing';
import * as toast from '@/ui/toast';
import { testModel } from '@/views/testModel';
import { FieldTools } from './FieldTools';
import * as localCopy from './localCopy';
import type { EntrySession } from './session';
import { registerSession } from './sessions';
import { inTwoLanguages, loadedEntry, openSession } from './testing';

vi.mock(import('./addresses'), async (original) => {
  const real = await original();
  return { ...real, entryAddress: { ...real.entryAddress, useSetSearch: () => () => undefined } as never };
});

const localised = { pluginOptions: { i18n: { localized: true } } };
const attributes = {
  title: { type: 'string', ...localised },
  slug: { type: 'uid', ...localised },
  year: { type: 'integer' },
} satisfies Record<string, Attribute>;
const type = { ...testModel.contentTypes[0], localized: true, attributes } as (typeof testModel.contentTypes)[0];

const showToast = vi.spyOn(toast, 'showToast');
const read = vi.spyOn(content, 'readEntry');
const loaded = (values: object) => loadedEntry(values, { state: inTwoLanguages });

beforeAll(startTestTexts);
beforeEach(() => {
  vi.spyOn(localCopy, 'storeCopy').mockResolvedValue(undefined);
  showToast.mockReset().mockReturnValue(() => undefined);
});

/** Opens the menu of a field of the Dutch entry. */
function open(name: keyof typeof attributes, here: object): EntrySession {
  const session = openSession(type, loaded(here), 'nl');
  registerSession(session);
  const host: FormHost = { store: session.store, model: testModel, uid: type.uid, access: () => ({ disabled: false }) };
  render(
    <EntryForm host={host}>
      <FieldTools path={name} name={name} attribute={attributes[name]} />
    </EntryForm>,
    { wrapper: Providers },
  );
  fireEvent.click(screen.getByRole('button', { name: /^More for/ }));
  return session;
}

it('copies a field from another language, as a change that can be undone', async () => {
  read.mockResolvedValue(loaded({ title: 'Hello' }));
  const session = open('title', { title: 'Hallo' });
  fireEvent.click(await screen.findByRole('menuitem', { name: 'Copy from English' }));
  await waitFor(() => expect(session.store.get('title')).toBe('Hello'));
  expect(session.store.changed()).toEqual(['title']);
  const [{ undo } = {}] = showToast.mock.calls[0] ?? [];
  await act(async () => undo?.());
  expect(session.store.get('title')).toBe('Hallo');
});

it.each([
  ['', 'This field is empty in English.'],
  ['Hallo', 'This field already matches English.'],
])('says why %j is not copied', async (there, message) => {
  read.mockResolvedValue(loaded({ title: there }));
  const session = open('title', { title: 'Hallo' });
  fireEvent.click(await screen.findByRole('menuitem', { name: 'Copy from English' }));
  await waitFor(() => expect(showToast).toHaveBeenCalledExactlyOnceWith({ message }));
  expect(session.store.changed()).toEqual([]);
});

it.each(['slug', 'year'] as const)('does not offer it for a field that no language copies: %s', async (name) => {
  open(name, {});
  await screen.findByRole('menuitem', { name: 'Comment on this' });
  expect(screen.queryByRole('menuitem', { name: /^Copy from/ })).toBeNull();
});
