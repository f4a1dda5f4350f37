import { MantineProvider } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import i18next from 'i18next';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { focusToast } from './focusToast';
import { preloadToasts, showToast, Toasts } from './toast';

beforeAll(async () => {
  const common = { undo: 'Undo', close: 'Close', error: { offline: { title: 'The server cannot be reached' } } };
  await i18next.init({ lng: 'en', ns: ['common'], resources: { en: { common } } });
  await preloadToasts();
});
beforeEach(() => {
  render(
    <MantineProvider env="test">
      <input aria-label="field" />
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

test('what can be done next leaves the toast, and its way back', async () => {
  const run = vi.fn();
  showToast({ message: 'Published', next: { label: 'View on site', run }, undo: vi.fn() });
  fireEvent.click(await screen.findByRole('button', { name: 'View on site' }));
  await waitFor(() => expect(run).toHaveBeenCalledTimes(1));
  expect(screen.getByRole('button', { name: 'Undo' })).toBeTruthy();
});

test('what can be done next says why it failed', async () => {
  const offline = Object.assign(new Error('away'), { name: 'OfflineError' });
  showToast({ message: 'Published', next: { label: 'View on site', run: () => Promise.reject(offline) } });
  fireEvent.click(await screen.findByRole('button', { name: 'View on site' }));
  await screen.findByText(/The server cannot be reached/);
});

test('the focus goes into the newest toast, and back when it is closed', async () => {
  screen.getByLabelText('field').focus();
  showToast({ message: 'Older' });
  showToast({ message: 'Newer', undo: vi.fn() });
  await screen.findByText('Newer');
  act(focusToast);
  expect(document.activeElement?.textContent).toBe('Undo');
  fireEvent.keyDown(document.activeElement ?? document.body, { key: 'Escape' });
  await waitFor(() => expect(screen.queryByText('Newer')).toBeNull());
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('field')));
});

test('the focus stays where it is without a toast', () => {
  screen.getByLabelText('field').focus();
  focusToast();
  expect(document.activeElement).toBe(screen.getByLabelText('field'));
});

test('a toast stays while the focus is in it', async () => {
  vi.useFakeTimers();
  try {
    screen.getByLabelText('field').focus();
    act(() => void showToast({ message: 'Entry deleted', undo: vi.fn() }));
    act(focusToast);
    await act(() => vi.advanceTimersByTimeAsync(60_000));
    expect(screen.queryByText('Entry deleted')).not.toBeNull();
    act(() => screen.getByLabelText('field').focus());
    await act(() => vi.advanceTimersByTimeAsync(11_000));
    // It fades away.
    await act(() => vi.advanceTimersByTimeAsync(1_000));
    expect(screen.queryByText('Entry deleted')).toBeNull();
  } finally {
    vi.useRealTimers();
  }
});
