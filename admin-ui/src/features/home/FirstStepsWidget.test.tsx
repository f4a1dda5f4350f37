import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Preferences } from '@/api/preferences';
import type { Feature } from '@/app/feature';
import { FeaturesProvider } from '@/app/useFeatures';
import home from '@/i18n/en/home.json';
import { renderAt } from '@/test/renderAt';
import { FirstStepsWidget } from './FirstStepsWidget';

const request = vi.hoisted(() => vi.fn());
vi.mock(import('@/api/client'), async (actual) => ({ ...(await actual()), request }));
vi.mock(import('@/api/session'), async (actual) => ({
  ...(await actual()),
  useSession: () => ({ me: { id: 1 }, permissions: { isSuper: false, actions: [] } }) as never,
}));

let stored: Preferences;

beforeEach(() => {
  stored = {};
  request.mockReset();
  request.mockImplementation(async (method: string, _path: string, options?: { body?: Preferences }) => {
    if (method === 'PUT') stored = { ...stored, ...options?.body };
    return { data: stored };
  });
});

async function open(done: boolean) {
  const step = {
    id: 'one',
    label: 'home:title',
    description: 'home:empty',
    order: 1,
    target: { to: '/content', params: {}, search: {} },
    done: async () => done,
  };
  const features = [{ name: 'any', firstSteps: [step] }] as readonly Feature[];
  const shown = await renderAt(
    '/',
    <FeaturesProvider value={features}>
      <FirstStepsWidget />
    </FeaturesProvider>,
  );
  i18next.addResourceBundle('en', 'home', home);
  return shown;
}

test('whoever began them is told that they are done, once', async () => {
  const first = await open(false);
  await screen.findByRole('progressbar');
  await waitFor(() => expect(stored).toEqual({ 'home.firstStepsBegun': true }));
  first.unmount();

  await open(true);
  await screen.findByText('You’ve done all first steps.');
  await userEvent.click(screen.getByRole('button', { name: 'Got it' }));
  await waitFor(() => expect(stored['home.firstStepsDone']).toBe(true));
  expect(screen.queryByText('You’ve done all first steps.')).toBeNull();
});

test('whoever comes when all is done sees nothing of them', async () => {
  await open(true);
  await waitFor(() => expect(stored['home.firstStepsDone']).toBe(true));
  expect(screen.queryByRole('region')).toBeNull();
});
