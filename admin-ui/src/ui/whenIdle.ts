/** How long the page is left alone after it has loaded, in milliseconds: what it shows is fetched meanwhile. */
const DELAY_MS = 2_000;

/**
 * Fetches a part that the first page is drawn without, once nothing else is to be done: it then opens at once, also while the server is away. What
 * cannot be fetched is fetched again when it is opened.
 */
export function fetchWhenIdle<Part extends { preload: () => Promise<void> }>(part: Part): Part {
  if (typeof requestIdleCallback !== 'function') return part;
  const fetch = (): void => {
    // For measurements: what is loaded from here on is not what the page waited for.
    performance.mark('idle');
    part.preload().catch(() => undefined);
  };
  const start = (): unknown => setTimeout(() => requestIdleCallback(fetch), DELAY_MS);
  if (document.readyState === 'complete') start();
  else window.addEventListener('load', start, { once: true });
  return part;
}
