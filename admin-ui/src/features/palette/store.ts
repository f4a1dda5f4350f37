import { useSyncExternalStore } from 'react';

/** What lies over the page: the palette, the sheet of shortcuts, or nothing. */
export type OpenOverlay = 'palette' | 'shortcuts' | undefined;

let overlay: OpenOverlay;
const listeners = new Set<() => void>();

function setOverlay(next: OpenOverlay): void {
  overlay = next;
  for (const listener of listeners) listener();
}

export const openPalette = (): void => setOverlay('palette');
export const openShortcuts = (): void => setOverlay('shortcuts');
export const closeOverlay = (): void => setOverlay(undefined);

export function useOverlay(): OpenOverlay {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => overlay,
  );
}
