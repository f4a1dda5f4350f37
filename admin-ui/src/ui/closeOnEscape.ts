import type { KeyboardEvent } from 'react';

/**
 * Esc for a dialog in which other layers open: closes it only where the key was pressed in itself. Dialogs, menus and lists
 * inside of it are elsewhere in the document, and close by themselves; each of Mantine's dialogs would close at the same key.
 * For `onKeyDown`, with `closeOnEscape={false}`.
 */
export function closeOnEscape(close: () => void): (event: KeyboardEvent<HTMLElement>) => void {
  return (event) => {
    const target = event.target as HTMLElement;
    const layered =
      target.getAttribute('data-mantine-stop-propagation') === 'true' ||
      target.getAttribute('aria-activedescendant') !== null;
    if (event.key === 'Escape' && !event.defaultPrevented && !layered && event.currentTarget.contains(target)) close();
  };
}

/** Whether Esc is for a dialog: not where it was pressed in another one, such as one that this one has opened, or closes a list. */
export function isEscapeFor(dialog: HTMLElement | null, event: globalThis.KeyboardEvent): boolean {
  if (event.key !== 'Escape' || event.isComposing || !(event.target instanceof Element)) return false;
  // Of the dialogs in it, its own comes first.
  const pressedIn = event.target.closest('[role="dialog"]');
  return (
    event.target.getAttribute('data-mantine-stop-propagation') !== 'true' &&
    (pressedIn === null || pressedIn === dialog?.querySelector('[role="dialog"]'))
  );
}
