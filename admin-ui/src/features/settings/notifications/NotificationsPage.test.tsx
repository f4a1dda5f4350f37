import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { beforeEach, expect, it, vi } from 'vitest';
import * as api from '@/api/notificationPreferences';
import common from '@/i18n/en/common.json';
import settings from '@/i18n/en/settings.json';
import { renderPlain, startTestTexts } from '@/test/render';
import NotificationsPage from './NotificationsPage';

const request = vi.hoisted(() => vi.fn());
vi.mock(import('@/api/client'), async (actual) => ({ ...(await actual()), request }));
// The heading takes the focus by the router, which is not here.
vi.mock(import('@/ui/PageTitle'), () => ({ PageTitle: ({ title }) => <h1>{title}</h1> }));

const defaults = { inApp: 'now', mail: 'now' } as const;
let levels: Record<string, api.NotificationLevel>;

beforeEach(async () => {
  levels = { ...defaults };
  await startTestTexts();
  i18next.addResourceBundle('en', 'settings', settings);
  i18next.addResourceBundle('en', 'common', common);
  request.mockReset().mockImplementation(async (method: string, _path: string, options?: { body?: object }) => {
    const changes = (options?.body as api.NotificationChanges | undefined)?.kinds?.mention;
    if (method === 'PUT')
      for (const [channel, level] of Object.entries(changes ?? {}))
        levels[channel] = level ?? defaults[channel as keyof typeof defaults];
    return {
      data: {
        zone: null,
        defaultZone: 'Europe/Amsterdam',
        channels: [
          { channel: 'inApp', levels: ['off', 'now'] },
          { channel: 'mail', levels: ['off', 'now', 'digest'] },
        ],
        kinds: [{ kind: 'mention', levels, defaults }],
      },
    };
  });
});

const sent = () => request.mock.calls.filter(([method]) => method === 'PUT').map(([, , { body }]) => body);

it('shows all ways at a glance, and stores each choice as it is made', async () => {
  await renderPlain(<NotificationsPage />);
  const inApp = await screen.findByRole('switch', { name: /: In the admin$/ });
  expect((inApp as HTMLInputElement).checked).toBe(true);
  await userEvent.click(inApp);
  const mail = screen.getByRole('radiogroup', { name: /: By e-mail$/ });
  await userEvent.click(within(mail).getByRole('radio', { name: 'Daily digest' }));
  expect(sent()).toEqual([{ kinds: { mention: { inApp: 'off' } } }, { kinds: { mention: { mail: 'digest' } } }]);
});

it('goes back to the defaults where something else was chosen', async () => {
  levels.mail = 'off';
  await renderPlain(<NotificationsPage />);
  const reset = await screen.findByRole('button', { name: 'Restore defaults' });
  await userEvent.click(reset);
  expect(sent()).toEqual([{ kinds: { mention: { inApp: null, mail: null } } }]);
  await vi.waitFor(() => expect(reset.hasAttribute('disabled')).toBe(true));
});
