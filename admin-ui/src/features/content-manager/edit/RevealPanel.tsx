import { useEffect, useRef } from 'react';

/** What is above may load late and push it down: it is looked at once more. */
const LATER_MS = 400;

/** Brings what it stands in into view where a link or a menu opened it out of sight, as below the fields on a phone. */
export function RevealPanel() {
  const mark = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const reveal = () => {
      const panel = mark.current?.parentElement;
      const top = panel?.getBoundingClientRect().top ?? 0;
      if (top < 0 || top >= window.innerHeight) panel?.scrollIntoView({ block: 'start' });
    };
    const frame = requestAnimationFrame(reveal);
    const later = setTimeout(reveal, LATER_MS);
    // Whoever moves the page on their own is left alone.
    const leave = () => clearTimeout(later);
    const moves = ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const;
    for (const move of moves) window.addEventListener(move, leave, { once: true, passive: true });
    return () => {
      cancelAnimationFrame(frame);
      leave();
      for (const move of moves) window.removeEventListener(move, leave);
    };
  }, []);
  return <span ref={mark} hidden />;
}
