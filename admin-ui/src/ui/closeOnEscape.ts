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
