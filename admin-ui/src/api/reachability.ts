import { useSyncExternalStore } from 'react';

/** Whether the server can be reached, as far as the browser and the last request tell. */
let reachable = true;
const listeners = new Set<() => void>();

/** Notes how the last request went. */
export function reportReachable(now: boolean): void {
  if (now === reachable) return;
  reachable = now;
  for (const listener of listeners) listener();
}

window.addEventListener('offline', () => reportReachable(false));

/** Whether the server can be reached; draws anew when that changes. */
export function useReachable(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => reachable,
  );
}
