import { MantineProvider } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import i18next from 'i18next';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { showToast, Toasts } from './toast';

beforeAll(async () => {
  const common = { undo: 'Undo', close: 'Close', error: { offline: { title: 'The server cannot be reached' } } };
  await i18next.init({ lng: 'en', ns: ['common'], resources: { en: { common } } });
});
beforeEach(() => {
  render(
    <MantineProvider env="test">
      <Toasts />
    </MantineProvider>,
  );
});
afterEach(() => {
  notifications.clean();
  cleanup();
});

test('undo runs once, and takes the toast away', async () => {
  const undo = vi.fn();
  showToast({ message: 'Entry deleted', undo });
  fireEvent.click(await screen.findByRole('button', { name: 'Undo' }));
  await waitFor(() => expect(screen.queryByText('Entry deleted')).toBeNull());
  expect(undo).toHaveBeenCalledTimes(1);
});

test('an undo that fails says so', async () => {
  const offline = Object.assign(new Error('away'), { name: 'OfflineError' });
  showToast({ message: 'Entry deleted', undo: () => Promise.reject(offline) });
  fireEvent.click(await screen.findByRole('button', { name: 'Undo' }));
  await screen.findByText(/The server cannot be reached/);
});

test('without a way back there is no button for it', async () => {
  showToast({ message: 'Restored' });
  await screen.findByText('Restored');
  expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull();
  expect(screen.getByRole('button', { name: 'Close' })).toBeTruthy();
});
