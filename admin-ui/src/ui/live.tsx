import { VisuallyHidden } from '@mantine/core';
import { useSyncExternalStore } from 'react';

/** What is read aloud to those who cannot see that something has happened: `announce(t('saved'))`. */
let message = '';
const listeners = new Set<() => void>();

/** Says a sentence, after what is being read. The same sentence twice is said twice. */
export function announce(sentence: string): void {
  // A region whose text stays the same is not read again; a space that is not read makes the difference.
  message = sentence === message ? `${sentence}\u00a0` : sentence;
  for (const listener of listeners) listener();
}

/** The region that announcements are written to; the frame has one. */
export function LiveRegion() {
  const text = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => message,
  );
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {text}
    </VisuallyHidden>
  );
}
