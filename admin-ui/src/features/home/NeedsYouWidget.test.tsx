import { screen, waitFor } from '@testing-library/react';
import i18next from 'i18next';
import { beforeEach, expect, test, vi } from 'vitest';
import home from '@/i18n/en/home.json';
import { renderAt } from '@/test/renderAt';
import { typeOf } from '@/test/typeOf';
import NeedsYouWidget, { useNeedsYou } from './NeedsYouWidget';

const request = vi.hoisted(() => vi.fn());
let actions: string[];
vi.mock(import('@/api/client'), async (actual) => ({ ...(await actual()), request }));
vi.mock(import('@/api/session'), async (actual) => ({
  ...(await actual()),
  useSession: () => ({ me: { id: 1 }, permissions: { isSuper: false, actions } }) as never,
}));

const review = (id: number, title: string, due?: string) => ({
  id,
  contentType: 'api::news.news',
  documentId: `d${id}`,
  locale: 'en',
  title,
  stage: 'checking',
  due: due ? { at: due, overdue: false } : null,
});

let answers: Record<string, unknown>;

beforeEach(() => {
  actions = ['releases.read'];
  answers = {
    overview: { assigned: [review(1, 'Asked'), review(2, 'Due soon', '2026-12-02T10:00:00Z')] },
    reviews: [review(1, 'Asked')],
    schedules: [
      {
        id: 5,
        contentType: 'api::news.news',
        documentId: 'd5',
        locale: '*',
        action: 'publish',
        due: '2026-11-29T08:00:00Z',
      },
    ],
    'content-types': { contentTypes: [typeOf('News')], components: [] },
  };
  request.mockReset();
  request.mockImplementation(async (_method: string, path: string) => ({
    data: answers[path.split('/').at(-1) ?? ''],
    meta: { before: null },
  }));
});

function Shown() {
  const needed = useNeedsYou();
  return (
    <>
      <output>{String(needed)}</output>
      {needed && <NeedsYouWidget />}
    </>
  );
}

async function open() {
  const shown = await renderAt('/', <Shown />);
  i18next.addResourceBundle('en', 'home', home);
  return shown;
}

const lines = () => screen.queryAllByRole('listitem').map((line) => line.textContent);

test('failed schedules, approvals and assignments are one list, each once, what is due first', async () => {
  await open();
  await waitFor(() => expect(lines()).toHaveLength(3));
  const [failed, due, asked] = lines();
  expect(failed).toContain('Failed');
  expect(due).toMatch(/^Due soon.*checking/);
  expect(asked).toMatch(/^Asked.*Your approval/);
  expect(screen.getByRole('link', { name: 'Asked' }).getAttribute('href')).toContain('panel=review');
});

test('without anything to do there is nothing', async () => {
  answers = { ...answers, overview: { assigned: [] }, reviews: [], schedules: [] };
  await open();
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('false'));
  expect(lines()).toEqual([]);
});

test('whoever may not see schedules is not shown them, and the server is not asked', async () => {
  actions = [];
  await open();
  await waitFor(() => expect(lines()).toHaveLength(2));
  expect(request.mock.calls.some(([, path]) => String(path).endsWith('/schedules'))).toBe(false);
});
