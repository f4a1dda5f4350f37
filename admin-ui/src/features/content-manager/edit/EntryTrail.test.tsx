import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { renderAt } from '@/test/renderAt';
import { typeOf } from '@/test/typeOf';
import { keepTrail, type Trail } from '../trail/keep';
import { EntryTrail } from './EntryTrail';

const request = vi.hoisted(() => vi.fn());
vi.mock(import('@/api/client'), async (actual) => ({ ...(await actual()), request }));
vi.mock(import('@/api/session'), async (actual) => ({
  ...(await actual()),
  useSession: () => ({ me: { id: 1 } }) as never,
}));

const news = typeOf('News');

function leaveList(pages: Trail['pages'], total: number): void {
  keepTrail(1, news.uid, {
    search: { q: 'word', sort: 'title:asc' },
    query: { _q: 'word' },
    total,
    pageSize: 2,
    pages,
  });
}

const renderTrail = (documentId: string, search = {}) =>
  renderAt(
    `/content/${news.uid}/${documentId}`,
    <EntryTrail type={news} documentId={documentId} title="A title" search={search} />,
  );

const button = (name: string | RegExp) => screen.findByRole('button', { name });

beforeEach(() => {
  request.mockReset();
});

test('the type leads back to the list as it was left', async () => {
  leaveList({ 0: ['a', 'b'] }, 2);
  const { router } = await renderTrail('a');
  expect(screen.getByText('A title').getAttribute('aria-current')).toBe('page');
  await userEvent.click(screen.getByRole('link', { name: 'News' }));
  await waitFor(() => expect(router.state.location.pathname).toBe(`/content/${news.uid}`));
  expect(router.state.location.search).toEqual({ q: 'word', sort: 'title:asc' });
});

test('the neighbours are those of the list, one way is closed at an end and says why, and nothing is requested', async () => {
  leaveList({ 0: ['a', 'b'] }, 2);
  const { router } = await renderTrail('a', { panel: 'history', field: 'title' });
  expect(screen.getByText('1 of 2')).toBeTruthy();
  const previous = await button('Previous entry: This is the first entry in the list');
  expect(previous.getAttribute('aria-disabled')).toBe('true');
  await userEvent.click(previous);
  expect(router.state.location.pathname).toBe(`/content/${news.uid}/a`);
  await userEvent.click(await button('Next entry'));
  await waitFor(() => expect(router.state.location.pathname).toBe(`/content/${news.uid}/b`));
  // What was open stays open; the field was one of the entry before.
  expect(router.state.location.search).toEqual({ panel: 'history' });
  expect(router.history.length).toBe(1);
  expect(request).not.toHaveBeenCalled();
});

test('the keys do the same', async () => {
  leaveList({ 0: ['a', 'b'] }, 2);
  const { router } = await renderTrail('b');
  await button(/^Next entry: This is the last/);
  await userEvent.keyboard('{Alt>}{PageUp}{/Alt}');
  await waitFor(() => expect(router.state.location.pathname).toBe(`/content/${news.uid}/a`));
});

test('at the end of a page the next one comes', async () => {
  request.mockImplementation(async (_method: string, _path: string, { query }: { query: never }) => {
    const { page } = (query as { pagination: { page: number } }).pagination;
    return { data: [{ documentId: page === 1 ? 'b' : 'c' }], meta: { states: {} } };
  });
  leaveList({ 0: ['a', 'b'] }, 3);
  const { router } = await renderTrail('b');
  await userEvent.click(await button('Next entry'));
  await waitFor(() => expect(router.state.location.pathname).toBe(`/content/${news.uid}/c`));
  expect(request).toHaveBeenCalledTimes(2);
});

test('where the next page does not come, the end says so', async () => {
  request.mockRejectedValue(new Error('offline'));
  leaveList({ 0: ['a', 'b'] }, 3);
  await renderTrail('b');
  await button('Next entry: The list couldn’t be loaded');
});

test('an entry that the list did not have is without neighbours', async () => {
  leaveList({ 0: ['a', 'b'] }, 2);
  await renderTrail('z');
  await screen.findByRole('link', { name: 'News' });
  expect(screen.queryByRole('button')).toBeNull();
});
