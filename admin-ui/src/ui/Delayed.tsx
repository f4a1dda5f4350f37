import { type ReactNode, useEffect, useState } from 'react';

/** Draws what stands for something that is being fetched, but only after a while: what is quick must not flicker. */
export function Delayed({ children, after = 300 }: { children: ReactNode; after?: number }) {
  const [shown, show] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => show(true), after);
    return () => clearTimeout(timer);
  }, [after]);
  return shown ? children : null;
}
