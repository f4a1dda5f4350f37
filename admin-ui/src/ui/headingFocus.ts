/**
 * After a change of page the focus goes to its heading, which may be drawn later than the address changes (its chunk is
 * loaded first). The change asks, the heading that comes next takes it. A page that is there to be typed on names the field
 * that takes it in place of its heading: `data-page-title` is the id of that.
 */
let isFocusWanted = false;
/** The one that took it last. */
let lastFocused: HTMLElement | null = null;

/** Looks for a field that is loaded later than its page: so many times. */
const MAX_LOOKS = 30;
const LOOK_INTERVAL_MS = 50;
const FOCUSABLE = 'input,textarea,select,button,[contenteditable="true"],[tabindex]';

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
    const field = heading.dataset.pageTitle;
    // It may have been the heading of the page that was about to go, while the next one was read.
    const lost = lastFocused !== null && !lastFocused.isConnected && document.activeElement === document.body;
    // Who opens a page to type on it, by whatever way, begins to type.
    if (!isFocusWanted && !lost && !(field && document.activeElement === document.body)) return;
    isFocusWanted = false;
    lastFocused = heading;
    if (field) focusField(heading, field);
    else heading.focus({ preventScroll: true });
  },
};

function focusField(heading: HTMLElement, id: string, looks = 0): void {
  const element = document.getElementById(id);
  const field = element?.matches(FOCUSABLE) ? element : element?.querySelector<HTMLElement>(FOCUSABLE);
  if (field) {
    field.focus({ preventScroll: true });
    return;
  }
  if (looks === 0) heading.focus({ preventScroll: true });
  // Whoever has gone elsewhere meanwhile stays there.
  else if (document.activeElement !== heading) return;
  if (looks < MAX_LOOKS) setTimeout(() => focusField(heading, id, looks + 1), LOOK_INTERVAL_MS);
}
