import { useSyncExternalStore } from 'react';

/** What lies over the page: the palette, the sheet of shortcuts, or nothing. */
export type Shown = 'palette' | 'shortcuts' | undefined;

let shown: Shown;
const listeners = new Set<() => void>();

function show(what: Shown): void {
  shown = what;
  for (const listener of listeners) listener();
}

export const openPalette = (): void => show('palette');
export const openShortcuts = (): void => show('shortcuts');
export const closeShown = (): void => show(undefined);

export function useShown(): Shown {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
}
