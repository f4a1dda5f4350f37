import { notifications, notificationsStore } from '@mantine/notifications';

/**
 * Moves the focus into the newest toast, which is far away by Tab alone, and keeps the toast while the focus is there. Escape closes it, and the
 * focus returns to where it was. Without a toast, it stays there.
 */
export function focusToast(): void {
  const toast = [...document.querySelectorAll('.mantine-Notification-root')].at(-1);
  const before = document.activeElement;
  const shown = notificationsStore.getState().notifications.find(({ id }) => id === toast?.id);
  if (!toast || !shown || toast.contains(before)) return;
  notifications.update({ ...shown, autoClose: false });
  toast.querySelector('button')?.focus();

  const listening = new AbortController();
  const end = (): void => {
    listening.abort();
    observer.disconnect();
  };
  const left = (): void => {
    // Only then it is known where the focus is: elsewhere, still here in another window, or nowhere as the toast is gone.
    setTimeout(() => {
      if (!toast.isConnected || toast.contains(document.activeElement)) return;
      end();
      notifications.update({ ...shown, autoClose: shown.autoClose });
    });
  };
  const pressed = ({ key }: Event & { key?: string }): void => {
    if (key === 'Escape') notifications.hide(toast.id);
  };
  const observer = new MutationObserver(() => {
    if (toast.isConnected) return;
    end();
    if (document.activeElement === document.body && before instanceof HTMLElement) before.focus();
  });
  toast.addEventListener('focusout', left, listening);
  toast.addEventListener('keydown', pressed, listening);
  observer.observe(document.body, { childList: true, subtree: true });
}
