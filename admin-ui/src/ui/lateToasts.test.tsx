import { MantineProvider } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import i18next from 'i18next';
import type { ComponentType } from 'react';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { focusToast } from './focusToast';
import { showToast, Toasts } from './toast';

const server = vi.hoisted(() => ({ isAway: true }));

vi.mock('./lazyPart', async (importOriginal) => {
  const { lazyPart } = await importOriginal<typeof import('./lazyPart')>();
  return {
    lazyPart: (load: () => Promise<{ default: ComponentType<object> }>) =>
      lazyPart<object>(() => (server.isAway ? Promise.reject(new TypeError('Failed to fetch')) : load())),
  };
});

beforeAll(async () => {
  const common = { undo: 'Undo', close: 'Close' };
  await i18next.init({ lng: 'en', ns: ['common'], resources: { en: { common } } });
});
afterEach(() => {
  notifications.clean();
  cleanup();
});

test('toasts are shown while their corner cannot be fetched, and in the corner once it can', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  render(
    <MantineProvider env="test">
      <Toasts />
    </MantineProvider>,
  );
  const undo = vi.fn();
  act(() => {
    showToast({ message: 'Not published', failed: true });
    showToast({ message: 'Deleted', undo });
  });
  await screen.findByText('Not published');
  act(focusToast);
  expect(document.activeElement?.textContent).toBe('Undo');
  fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
  await waitFor(() => expect(screen.queryByText('Deleted')).toBeNull());
  // The corner has been tried again by then: without success, so that the next toast tries once more.
  await screen.findByText('Not published');
  expect(undo).toHaveBeenCalledTimes(1);
  expect(document.querySelector('.mantine-Notifications-notification')).toBeNull();

  server.isAway = false;
  act(() => void showToast({ message: 'Published' }));
  await screen.findByText('Published');
  await waitFor(() => expect(document.querySelector('.mantine-Notifications-notification')).not.toBeNull());
  expect(screen.getByText('Not published')).toBeTruthy();
});
