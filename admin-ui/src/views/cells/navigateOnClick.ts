import type { MouseEvent } from 'react';

/** Follows a link within the application, unless it is meant for another tab. */
export function navigateOnClick(run: () => void): (event: MouseEvent) => void {
  return (event) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    run();
  };
}
