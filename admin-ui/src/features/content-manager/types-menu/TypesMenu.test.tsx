import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import type { ContentType } from '@/api/model';
import type { Preferences } from '@/api/preferences';
import { TypesMenu } from './TypesMenu';
import { renderAt } from '@/test/renderAt';
import { typeOf } from '@/test/typeOf';

let types: ContentType[];
let stored: Preferences;
const request = vi.hoisted(() => vi.fn());

vi.mock(import('@/api/client'), async (actual) => ({ ...(await actual()), request }));

vi.mock(import('@/api/session'), async (actual) => ({
  ...(await actual()),
  useSession: () => ({ me: { id: 1 }, permissions: { isSuper: true, actions: [] } }) as never,
}));

beforeEach(() => {
  localStorage.clear();
  types = [typeOf('News'), typeOf('FAQ'), typeOf('Home', { kind: 'singleType' }), typeOf('Secret', { find: false })];
  stored = {};
  request.mockReset();
  request.mockImplementation(async (method: string, path: string, options?: { body?: Preferences }) => {
    if (path.endsWith('/content-types')) return { data: { contentTypes: types, components: [] } };
    if (method === 'PUT') stored = { ...stored, ...options?.body };
    return { data: stored };
  });
});

const names = (): string[] => screen.queryAllByRole('link').map((link) => link.textContent ?? '');

test('every type that may be read is one click away, by kind', async () => {
  const { router } = await renderAt('/', <TypesMenu />);
  await screen.findByRole('link', { name: 'News' });
  expect(within(screen.getByRole('list', { name: 'Collection types' })).getAllByRole('link')).toHaveLength(2);
  expect(names()).toEqual(['News', 'FAQ', 'Home']);
  expect(screen.queryByRole('searchbox')).toBeNull();
  await userEvent.click(screen.getByRole('link', { name: 'FAQ' }));
  expect(router.state.location.pathname).toBe('/content/api::faq.faq');
  await waitFor(() => expect(screen.getByRole('link', { name: 'FAQ' }).getAttribute('aria-current')).toBe('page'));
});

test('a type is current on the pages of its entries, and another whose name begins alike is not', async () => {
  types = [typeOf('News'), typeOf('Newsletter')];
  types[1] = { ...typeOf('Newsletter'), uid: 'api::news.newsletter' };
  await renderAt('/content/api::news.newsletter/abc', <TypesMenu />);
  const current = await screen.findByRole('link', { name: 'Newsletter' });
  expect(current.getAttribute('aria-current')).toBe('page');
  expect(screen.getByRole('link', { name: 'News' }).getAttribute('aria-current')).toBeNull();
});

test('a pinned type goes to the top by keyboard, keeps the focus and is stored for the person', async () => {
  await renderAt('/', <TypesMenu />);
  await screen.findByRole('link', { name: 'News' });
  await userEvent.tab();
  expect(document.activeElement?.getAttribute('aria-expanded')).toBe('true');
  await userEvent.tab();
  expect(document.activeElement?.textContent).toBe('News');
  await userEvent.keyboard('{ArrowDown}');
  expect(document.activeElement?.textContent).toBe('FAQ');
  await userEvent.tab();
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Pin FAQ' }));
  await userEvent.keyboard('{Enter}');
  const unpin = await screen.findByRole('button', { name: 'Unpin FAQ' });
  expect(document.activeElement).toBe(unpin);
  expect(names()).toEqual(['FAQ', 'News', 'Home']);
  expect(within(screen.getByRole('list', { name: 'Pinned' })).getAllByRole('link')).toHaveLength(1);
  await waitFor(() => expect(stored).toEqual({ 'content.pinnedTypes': ['api::faq.faq'] }));
  await userEvent.keyboard('{Enter}');
  await screen.findByRole('button', { name: 'Pin FAQ' });
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Pin FAQ' }));
});

test('folded it shows only the type that is open, and stays folded', async () => {
  await renderAt('/content/api::faq.faq', <TypesMenu />);
  await screen.findByRole('link', { name: 'News' });
  const fold = screen.getByRole('button', { name: 'Content types' });
  await userEvent.click(fold);
  expect(fold.getAttribute('aria-expanded')).toBe('false');
  expect(names()).toEqual(['FAQ']);
  await waitFor(() => expect(stored).toEqual({ 'content.typesUnfolded': false }));
});

test('stored nonsense is ignored', async () => {
  stored = { 'content.pinnedTypes': [3, null, 'api::faq.faq', 'api::faq.faq'], 'content.typesUnfolded': 'no' };
  await renderAt('/', <TypesMenu />);
  await screen.findByRole('link', { name: 'News' });
  expect(names()).toEqual(['FAQ', 'News', 'Home']);
});

test('a hundred types are filtered by word, are one stop of the Tab key, and Enter opens the first', async () => {
  types = Array.from({ length: 100 }, (_, at) => typeOf(`Type${at}`));
  types[7] = typeOf('x'.repeat(500));
  const { router } = await renderAt('/', <TypesMenu />);
  const field = await screen.findByRole('searchbox', { name: 'Filter content types' });
  expect(names()).toHaveLength(100);
  expect(screen.getAllByRole('link').filter((link) => link.tabIndex === 0)).toHaveLength(1);
  expect(screen.getByTitle('x'.repeat(500))).toBeTruthy();
  await userEvent.type(field, 'type99');
  expect(names()).toEqual(['Type99']);
  await userEvent.type(field, '9');
  expect(screen.getByRole('status').textContent).toBe('No content types match “type999”');
  await userEvent.keyboard('{Escape}');
  expect(names()).toHaveLength(100);
  await userEvent.type(field, 'type42{Enter}');
  await waitFor(() => expect(router.state.location.pathname).toBe('/content/api::type42.type42'));
});

test('without types there is nothing', async () => {
  types = [typeOf('Secret', { find: false })];
  await renderAt('/', <TypesMenu />);
  await waitFor(() => expect(request).toHaveBeenCalled());
  expect(screen.queryByRole('button')).toBeNull();
});

test('of six types or more the three that were opened last are listed apart, without the pinned and the open one', async () => {
  types = ['A', 'B', 'C', 'D', 'E', 'F'].map((name) => typeOf(name));
  stored = { 'content.pinnedTypes': ['api::b.b'] };
  const { router } = await renderAt('/', <TypesMenu />);
  await screen.findByRole('link', { name: 'A' });
  expect(screen.queryByRole('list', { name: 'Recent' })).toBeNull();
  for (const name of ['A', 'B', 'C', 'D', 'E', 'F']) {
    await act(() => router.navigate({ to: `/content/api::${name.toLowerCase()}.${name.toLowerCase()}` as never }));
  }
  const recent = await screen.findByRole('list', { name: 'Recent' });
  await waitFor(() =>
    expect(
      within(recent)
        .getAllByRole('link')
        .map((link) => link.textContent),
    ).toEqual(['E', 'D', 'C']),
  );
  // They stay where they are besides, and the keys lead through both.
  expect(names()).toEqual(['B', 'E', 'D', 'C', 'A', 'C', 'D', 'E', 'F']);
  expect(screen.getAllByRole('link').filter((link) => link.tabIndex === 0)).toHaveLength(1);
  within(recent).getByRole('link', { name: 'C' }).focus();
  await userEvent.keyboard('{ArrowDown}');
  expect(document.activeElement?.textContent).toBe('A');
  await userEvent.keyboard('{ArrowUp}{ArrowUp}{Enter}');
  await waitFor(() => expect(router.state.location.pathname).toBe('/content/api::d.d'));
});

test('of five types none is listed apart', async () => {
  types = ['A', 'B', 'C', 'D', 'E'].map((name) => typeOf(name));
  localStorage.setItem('cairn.recentTypes.1', JSON.stringify(['api::a.a', 'api::b.b']));
  await renderAt('/', <TypesMenu />);
  await screen.findByRole('link', { name: 'A' });
  expect(names()).toEqual(['A', 'B', 'C', 'D', 'E']);
});

test('a storage that holds nonsense is as one that holds nothing', async () => {
  types = ['A', 'B', 'C', 'D', 'E', 'F'].map((name) => typeOf(name));
  localStorage.setItem('cairn.recentTypes.1', '{"a":');
  await renderAt('/', <TypesMenu />);
  await screen.findByRole('link', { name: 'A' });
  expect(names()).toHaveLength(6);
});
