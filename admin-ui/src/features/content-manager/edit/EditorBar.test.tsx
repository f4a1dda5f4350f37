import { cleanup, screen } from '@testing-library/react';
import i18next from 'i18next';
import { expect, it, vi } from 'vitest';
import { renderPlain, startTestTexts } from '@/fields/testing';
import common from '@/i18n/en/common.json';
import { testModel } from '@/views/testModel';
import { EditorBar } from './EditorBar';
import { loadedEntry, openSession } from './testing';

vi.mock(import('@/api/session'), async (actual) => ({
  ...(await actual()),
  useSession: () => ({ locales: { default: 'en', available: [] } }) as never,
}));
vi.mock(import('./addresses'), async (actual) => {
  const real = await actual();
  return { ...real, entryAddress: { ...real.entryAddress, useSetSearch: () => () => undefined } as never };
});
vi.mock(import('./PublishMenu'), () => ({ PublishMenu: () => <span /> }));
vi.mock(import('./EntryMenu'), () => ({ EntryMenu: (props) => <menu>{props.narrow ? 'narrow' : 'wide'}</menu> }));
vi.mock(import('./useFieldName'), () => ({ useFieldName: () => () => '' }));

const [article] = testModel.contentTypes as [(typeof testModel.contentTypes)[0]];

async function show(drafts: boolean, status: 'draft' | 'published' | undefined) {
  await startTestTexts();
  i18next.addResourceBundle('en', 'common', common);
  const session = openSession({ ...article, draftAndPublish: drafts }, loadedEntry({ title: 'A' }));
  await renderPlain(
    <EditorBar
      title={<h1>A</h1>}
      session={session}
      search={{}}
      save={{ is: 'saved', at: null }}
      status={status}
      people={[]}
      mayWrite
      actions={{ busy: null } as never}
      turn={() => undefined}
    />,
  );
}

it.each(['Draft', 'Published'] as const)('says how an entry with drafts stands: %s', async (text) => {
  await show(true, text === 'Draft' ? 'draft' : 'published');
  expect(screen.getByText(text)).toBeTruthy();
});

it('says nothing of publication where a type has no drafts', async () => {
  await show(false, 'published');
  expect(screen.queryByText('Published')).toBeNull();
  expect(screen.queryByText('New')).toBeNull();
});

it('has room for everything on a wide screen, and leaves the rest to its menu on a narrow one', async () => {
  await show(true, 'draft');
  expect(screen.getByRole('button', { name: 'Save' })).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Undo' })).toBeTruthy();
  expect(screen.getByText('wide')).toBeTruthy();
  cleanup();
  vi.spyOn(window, 'matchMedia').mockImplementation(
    (media) => ({ matches: media.includes('61.99em'), addEventListener() {}, removeEventListener() {} }) as never,
  );
  await show(true, 'draft');
  expect(screen.queryByRole('button')).toBeNull();
  expect(screen.getByText('narrow')).toBeTruthy();
  expect(screen.getByRole('status').textContent).toBe('All saved');
  cleanup();
  // What has no drafts is public with its save: the button stays within reach.
  await show(false, 'published');
  expect(screen.getByRole('button', { name: 'Save' })).toBeTruthy();
  vi.restoreAllMocks();
});

it('calls what was not saved yet new', async () => {
  await show(false, undefined);
  expect(screen.getByText('New')).toBeTruthy();
});

it('says to the page that it is there, for as long as it is', async () => {
  await show(true, 'draft');
  expect(document.documentElement.hasAttribute('data-editor')).toBe(true);
  cleanup();
  expect(document.documentElement.hasAttribute('data-editor')).toBe(false);
});
