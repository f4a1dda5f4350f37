import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import i18next from 'i18next';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { DocumentState } from '@/api/content';
import { renderPlain, startTestTexts } from '@/fields/testing';
import common from '@/i18n/en/common.json';
import { testModel } from '@/views/testModel';
import { LocaleTabs } from './LocaleTabs';
import { loadedEntry, openSession } from './testing';

const setSearch = vi.hoisted(() => vi.fn());
vi.mock(import('./addresses'), async (original) => {
  const real = await original();
  return { ...real, entryAddress: { ...real.entryAddress, useSetSearch: () => setSearch } as never };
});

const type = { ...testModel.contentTypes[0], localized: true } as (typeof testModel.contentTypes)[0];
const CODES = ['en', 'nl', 'de', 'fr', 'es', 'it', 'pt', 'pl', 'sv', 'da', 'fi', 'cs'];
const state: DocumentState = {
  status: 'draft',
  version: 1,
  locales: [
    { locale: 'en', status: 'published' },
    { locale: 'nl', status: 'draft' },
    { locale: 'de', status: 'modified' },
  ],
};

async function show(codes: string[], here = 'nl', more: Partial<typeof type> = {}, mayWrite = true) {
  await startTestTexts();
  i18next.addResourceBundle('en', 'common', common);
  const session = openSession({ ...type, ...more }, loadedEntry({ title: 'A' }, { state }), here);
  const locales = codes.map((code) => ({ code }));
  await renderPlain(<LocaleTabs session={session} locales={locales} beside={undefined} mayWrite={mayWrite} />);
  return session;
}

/** So many tabs have room in a line; jsdom has no layout of its own. */
function makeRoomFor(count: number): void {
  vi.spyOn(HTMLElement.prototype, 'offsetTop', 'get').mockImplementation(function (this: HTMLElement) {
    return [...(this.parentElement?.children ?? [])].indexOf(this) < count ? 0 : 36;
  });
}

const tabs = () => screen.getAllByRole('tab').filter((tab) => tab.dataset.hidden === undefined);

beforeEach(() => setSearch.mockReset());
afterEach(() => {
  vi.restoreAllMocks();
  cleanup();
});

it('says of each language how it stands, in words and by a shape', async () => {
  await show(['en', 'nl', 'de', 'fr']);
  expect(tabs().map((tab) => tab.textContent)).toEqual([
    'EnglishPublished',
    'DutchDraft',
    'GermanModified',
    'FrenchCreate',
  ]);
  const shapes = tabs().map((tab) => tab.querySelector('svg')?.getAttribute('class'));
  expect(new Set(shapes).size).toBe(4);
  expect(screen.getByRole('tab', { selected: true }).textContent).toBe('DutchDraft');
});

it('offers no creation to who may not write, and says nothing of publication where a type has no drafts', async () => {
  await show(['en', 'fr'], 'en', { draftAndPublish: false }, false);
  expect(tabs().map((tab) => tab.textContent)).toEqual(['English', 'FrenchNot translated']);
});

it('says of the open language that it is missing', async () => {
  await show(['en', 'fr'], 'fr');
  expect(tabs().map((tab) => tab.textContent)).toEqual(['EnglishPublished', 'FrenchNot translated']);
});

it('is one stop of the Tab key; arrows, Home and End move, and Enter chooses', async () => {
  const session = await show(['en', 'nl', 'de']);
  const flush = vi.spyOn(session, 'flush').mockResolvedValue(true);
  const [first, second, third] = tabs() as [HTMLElement, HTMLElement, HTMLElement];
  expect(tabs().map((tab) => tab.tabIndex)).toEqual([-1, 0, -1]);
  second.focus();
  fireEvent.keyDown(second, { key: 'ArrowRight' });
  expect(document.activeElement).toBe(third);
  fireEvent.keyDown(third, { key: 'ArrowRight' });
  expect(document.activeElement).toBe(first);
  fireEvent.keyDown(first, { key: 'ArrowLeft' });
  expect(document.activeElement).toBe(third);
  fireEvent.keyDown(third, { key: 'Home' });
  expect(document.activeElement).toBe(first);
  // Moving alone leads nowhere.
  expect(setSearch).not.toHaveBeenCalled();
  fireEvent.click(first);
  await waitFor(() => expect(setSearch).toHaveBeenCalledWith({ locale: 'en' }, { replace: false }));
  expect(flush).not.toHaveBeenCalled();
  cleanup();
  await show(['en', 'nl', 'de'], 'en');
  await waitFor(() => expect(document.activeElement?.textContent).toBe('EnglishPublished'));
});

it('sends what is typed before the page is another, and makes no language that was only looked at', async () => {
  const session = await show(['en', 'nl']);
  const flush = vi.spyOn(session, 'flush').mockResolvedValue(true);
  session.store.set('title', 'B');
  fireEvent.click(screen.getByRole('tab', { name: /^English/ }));
  await waitFor(() => expect(setSearch).toHaveBeenCalledTimes(1));
  expect(flush).toHaveBeenCalledWith('auto');
});

it('has what does not fit of twelve languages in a menu, and the open one always in sight', async () => {
  makeRoomFor(4);
  await show(CODES, 'fi');
  expect(tabs().map((tab) => tab.querySelector('span')?.textContent)).toEqual([
    'Finnish',
    'English',
    'Dutch',
    'German',
  ]);
  fireEvent.click(screen.getByRole('button', { name: '8 more languages' }));
  const items = await screen.findAllByRole('menuitem');
  expect(items).toHaveLength(8);
  expect(items[0]?.textContent).toBe('FrenchCreate');
  fireEvent.click(screen.getByRole('menuitem', { name: /^Polish/ }));
  await waitFor(() => expect(setSearch).toHaveBeenCalledWith({ locale: 'pl' }, { replace: false }));
});

it('has no menu where all fit', async () => {
  await show(['en', 'nl', 'de']);
  expect(screen.queryByRole('button')).toBeNull();
});
