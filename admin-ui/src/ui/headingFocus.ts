/**
 * After a change of page the focus goes to its heading, which may be drawn later than the address changes (its chunk is
 * loaded first). The change asks, the heading that comes next takes it.
 */
let isFocusWanted = false;
/** The one that took it last. */
let lastFocused: HTMLElement | null = null;

export const headingFocus = {
  /** The page has changed: the next heading, or the one that is there already, takes the focus. */
  ask(): void {
    isFocusWanted = true;
    requestAnimationFrame(() => {
      const heading = document.querySelector<HTMLElement>('[data-page-title]');
      if (heading) headingFocus.offer(heading);
    });
  },
  /** A heading is there. */
  offer(heading: HTMLElement | null): void {
    if (!heading) return;
    // It may have been the heading of the page that was about to go, while the next one was read.
    const lost = lastFocused !== null && !lastFocused.isConnected && document.activeElement === document.body;
    if (!isFocusWanted && !lost) return;
    isFocusWanted = false;
    lastFocused = heading;
    heading.focus({ preventScroll: true });
  },
};
