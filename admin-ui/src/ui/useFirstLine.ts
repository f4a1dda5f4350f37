import { type RefObject, useLayoutEffect, useRef, useState } from 'react';

interface FirstLine<List extends HTMLElement> {
  list: RefObject<List | null>;
  /** How many children of the list stand on its first line. The others wrap to a line below it, which its style cuts off. */
  count: number;
}

/** As many tabs as fit side by side: measured with each drawing, and whenever there is more room or less. */
export function useFirstLine<List extends HTMLElement>(): FirstLine<List> {
  const list = useRef<List>(null);
  const [count, setCount] = useState(Number.POSITIVE_INFINITY);
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return undefined;
    const measure = () => {
      const children = [...element.children] as HTMLElement[];
      setCount(children.filter((child) => child.offsetTop === children[0]?.offsetTop).length);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    // Their widths change with the texts and the typeface.
    for (const child of element.children) observer.observe(child);
    return () => observer.disconnect();
  });
  return { list, count };
}
