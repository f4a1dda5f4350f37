import { type ReactNode, useEffect, useState } from 'react';

/** Draws what stands for something that is being fetched, but only after a while: what is quick must not flicker. */
export function DelayedContent({ children, after = 300 }: { children: ReactNode; after?: number }) {
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setVisible(true), after);
    return () => clearTimeout(timer);
  }, [after]);
  return visible ? children : null;
}
