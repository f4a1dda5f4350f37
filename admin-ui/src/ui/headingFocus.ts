/**
 * After a change of page the focus goes to its heading, which may be drawn later than the address changes (its chunk is
 * loaded first). The change asks, the heading that comes next takes it.
 */
let wanted = false;

export const headingFocus = {
  /** The page has changed: the next heading, or the one that is there already, takes the focus. */
  ask(): void {
    wanted = true;
    requestAnimationFrame(() => {
      const heading = document.querySelector<HTMLElement>('[data-page-title]');
      if (heading) headingFocus.offer(heading);
    });
  },
  /** A heading is there. */
  offer(heading: HTMLElement | null): void {
    if (!wanted || !heading) return;
    wanted = false;
    heading.focus({ preventScroll: true });
  },
};
