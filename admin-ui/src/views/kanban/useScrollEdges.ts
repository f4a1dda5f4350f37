import { useEffect, useState } from 'react';

/** What can be scrolled to. */
export interface ScrollEdges {
  /** There is more before what is seen. */
  before: boolean;
  /** There is more behind it. */
  after: boolean;
}

/** Parts of a pixel that browsers leave at the end of a scroll. */
const SLACK_PX = 2;

/** Whether there is more at the sides of an element that scrolls sideways. */
export function useScrollEdges(element: HTMLElement | null): ScrollEdges {
  const [edges, setEdges] = useState<ScrollEdges>({ before: false, after: false });
  useEffect(() => {
    if (!element) return undefined;
    const measure = (): void => {
      const before = element.scrollLeft > SLACK_PX;
      const after = element.scrollLeft + element.clientWidth < element.scrollWidth - SLACK_PX;
      setEdges((old) => (old.before === before && old.after === after ? old : { before, after }));
    };
    // Tells of the size at the beginning as well.
    const resized = new ResizeObserver(measure);
    resized.observe(element);
    const filled = new MutationObserver(measure);
    filled.observe(element, { childList: true });
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      resized.disconnect();
      filled.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, [element]);
  return edges;
}
