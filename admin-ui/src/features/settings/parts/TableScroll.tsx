import { type CSSProperties, type ReactNode, useLayoutEffect, useRef, useState } from 'react';

/** Around a table that may be wider than the screen. What scrolls can be reached by the keyboard; what does not is no stop. */
export function TableScroll({ label, children }: { label: string; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const [wide, setWide] = useState(false);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = (): void => setWide(element.scrollWidth > element.clientWidth + 1);
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    if (element.firstElementChild) observer.observe(element.firstElementChild);
    return () => observer.disconnect();
  }, []);
  const style: CSSProperties = { overflowX: 'auto', maxWidth: '100%' };
  const stop = wide ? { role: 'group', 'aria-label': label, tabIndex: 0 } : {};
  return (
    <div ref={box} style={style} {...stop}>
      {children}
    </div>
  );
}
