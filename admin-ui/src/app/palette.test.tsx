import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { beforeEach, expect, test, vi } from 'vitest';
import { features } from './features';
import { queries } from './queries';
import { FeaturesProvider } from './useFeatures';
import calendar from '@/i18n/en/calendar.json';
import frame from '@/i18n/en/frame.json';
import views from '@/i18n/en/views.json';
import { openPalette, Palette } from '@/features/palette';
import { renderAt } from '@/test/renderAt';
import { typeOf } from '@/test/typeOf';

const request = vi.hoisted(() => vi.fn());
vi.mock(import('@/api/client'), async (actual) => ({ ...(await actual()), request }));
vi.mock(import('@/api/session'), async (actual) => ({
  ...(await actual()),
  useSession: () => ({ me: { id: 1, email: 'a@example.com' }, permissions: { isSuper: true, actions: [] } }) as never,
}));

let hits: object[];

beforeEach(() => {
  hits = [];
  queries.clear();
  localStorage.clear();
  request.mockReset();
  request.mockImplementation(async (_method: string, path: string) => {
    if (path.endsWith('/search')) return { data: hits };
    if (path.endsWith('/content-types'))
      return { data: { contentTypes: [typeOf('News'), typeOf('Author', { create: false })], components: [] } };
    return { data: {} };
  });
});

async function renderPalette() {
  const shown = await renderAt(
    '/',
    <FeaturesProvider value={features.filter(({ name }) => ['calendar', 'content-manager', 'shell'].includes(name))}>
      <Palette />
    </FeaturesProvider>,
  );
  for (const [name, texts] of Object.entries({ calendar, frame, views })) i18next.addResourceBundle('en', name, texts);
  act(openPalette);
  const field = await screen.findByRole('combobox');
  return { ...shown, field };
}

test.each([
  ['new news', 'New News'],
  ['news', 'News'],
  ['nesw', 'News'],
  ['new nwes', 'New News'],
  ['dark', 'Dark mode'],
  ['drak', 'Dark mode'],
  ['sign out', 'Sign out'],
  ['log out', 'Sign out'],
  ['schedule', 'Calendar'],
  ['shedule', 'Calendar'],
  ['setings', 'Settings'],
])('“%s” finds “%s” first', async (typed, title) => {
  const { field } = await renderPalette();
  await userEvent.type(field, typed);
  await waitFor(() => expect(screen.getByRole('option', { selected: true }).textContent).toContain(title));
});

test('a new entry is offered of the types in which one may be made, and only when it is looked for', async () => {
  const { field, router } = await renderPalette();
  await waitFor(() => expect(request).toHaveBeenCalledWith('GET', '/admin/api/content-types', expect.anything()));
  expect(screen.queryByRole('option', { name: /New News/ })).toBeNull();
  await userEvent.type(field, 'new a');
  await screen.findByRole('option', { name: /New dashboard/ });
  expect(screen.queryByRole('option', { name: /New Author/ })).toBeNull();
  await userEvent.clear(field);
  await userEvent.type(field, 'new news');
  await screen.findByRole('option', { name: /New News/ });
  await userEvent.keyboard('{Enter}');
  await waitFor(() => expect(router.state.location.pathname).toBe('/content/api::news.news/create'));
  await waitFor(() => expect(screen.queryByRole('combobox')).toBeNull());
});

test('an entry that is called so comes before what is only alike', async () => {
  hits = [{ type: 'api::news.news', documentId: 'a', locale: null, title: 'Nesw' }];
  const { field } = await renderPalette();
  await userEvent.type(field, 'nesw');
  await screen.findByRole('option', { name: 'News' });
  expect(screen.getByRole('option', { selected: true }).textContent).toContain('Nesw');
});

test('signing out ends the session', async () => {
  const { field } = await renderPalette();
  await userEvent.type(field, 'sign out');
  await screen.findByRole('option', { name: 'Sign out' });
  await userEvent.keyboard('{Enter}');
  await waitFor(() => expect(request).toHaveBeenCalledWith('POST', '/admin/api/logout'));
});

test('a page somebody was on has the icon and the name of what it belongs to', async () => {
  const visits = [
    { href: '/content/api::news.news/abc?locale=en', title: 'Zebra crossing' },
    { href: '/calendar', title: 'Calendar' },
    { href: '/somewhere', title: 'Nowhere' },
  ];
  localStorage.setItem('cairn.recent.1', JSON.stringify(visits));
  await renderPalette();
  const recent = within(await screen.findByRole('group', { name: 'Recent' }));
  await waitFor(() =>
    expect(recent.getAllByRole('option').map((line) => line.textContent)).toEqual([
      'Zebra crossingNews',
      'Calendar',
      'Nowhere',
    ]),
  );
  expect(recent.getAllByRole('option').map((line) => line.querySelector('svg') !== null)).toEqual([true, true, false]);
});

/** The server answers each look-up when the test says so. */
function holdAnswers() {
  const answers = new Map<string, (hits: object[]) => void>();
  const asOtherwise = request.getMockImplementation();
  request.mockImplementation(async (method: string, path: string, options?: { query?: { q?: string } }) => {
    if (!path.endsWith('/search')) return asOtherwise?.(method, path, options);
    const found = await new Promise<object[]>((answer) => answers.set(JSON.stringify(options?.query ?? {}), answer));
    return { data: found };
  });
  return async (words: string, title: string): Promise<void> => {
    const find = () => [...answers].find(([query]) => query.includes(`"${words}"`))?.[1];
    await waitFor(() => expect(find()).toBeTruthy());
    await act(async () => find()?.([{ type: 'api::news.news', documentId: words, locale: null, title }]));
  };
}

test('Enter before the server answered opens the first result when it comes', async () => {
  const answer = holdAnswers();
  const { field, router } = await renderPalette();
  await userEvent.type(field, 'zebra{Enter}');
  expect(screen.getByText('Searching… The first result will open.')).toBeTruthy();
  expect(router.state.location.pathname).toBe('/');
  await answer('zebra', 'Zebra crossing');
  await waitFor(() => expect(router.state.location.pathname).toBe('/content/api::news.news/zebra'));
  await waitFor(() => expect(screen.queryByRole('combobox')).toBeNull());
});

test('Enter is forgotten once somebody types on, and opens nothing that was found for other words', async () => {
  const answer = holdAnswers();
  const { field, router } = await renderPalette();
  await userEvent.type(field, 'zebra');
  await answer('zebra', 'Zebra crossing');
  await screen.findByRole('option', { name: /Zebra crossing/ });
  await userEvent.type(field, 'x{Enter}');
  expect(router.state.location.pathname).toBe('/');
  await userEvent.type(field, 'y');
  await answer('zebraxy', 'Zebraxy');
  await screen.findByRole('option', { name: /Zebraxy/ });
  expect(router.state.location.pathname).toBe('/');
});
