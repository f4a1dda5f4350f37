import { createContext, type ReactNode, useContext, useEffect, useRef } from 'react';
import { isModKey, shortcutOf } from '@/ui/keys';

const Enabled = createContext(true);

/** Whether single keys and combinations do something. Some people speak to their computer: a word must not delete a row. */
export function ShortcutsEnabled({ enabled, children }: { enabled: boolean; children: ReactNode }) {
  return <Enabled.Provider value={enabled}>{children}</Enabled.Provider>;
}

/** Milliseconds in which the second key of a sequence has to come. */
const SEQUENCE_MS = 1_000;

/** How many pages are open on which letters are text, whether or not a field has the focus. */
let writingPages = 0;

/** On a page that is there to write on, letters do nothing but write: who begins to type beside a field must not be led elsewhere. */
export function useWritingPage(writes: boolean): void {
  useEffect(() => {
    if (!writes) return undefined;
    writingPages += 1;
    return () => {
      writingPages -= 1;
    };
  }, [writes]);
}

/** `g h`, `j`: what a text could begin with. */
const LETTERS = /^[a-z]( [a-z])*$/i;

interface ShortcutOptions {
  /** Also while typing in a field. Combinations with mod are; single keys never should be. */
  whileTyping?: boolean;
  /** Also while a dialog is open over the page; as `whileTyping` where it is not said. */
  inDialogs?: boolean;
  /** Also where shortcuts are turned off: the keys for saving and undo, which every editor has. */
  always?: boolean;
  enabled?: boolean;
}

/**
 * Binds keys while the component is there: `mod+S` (Ctrl, on a Mac ⌘), `?`, `j`, or two after one another, `g c`.
 * The same keys belong into `shortcuts` of the feature, for the sheet that lists them.
 */
export function useShortcut(keys: string, run: (event: KeyboardEvent) => void, options: ShortcutOptions = {}): void {
  const allowed = useContext(Enabled);
  const on = (allowed || options.always === true) && options.enabled !== false;
  const whileTyping = options.whileTyping ?? keys.includes('mod+');
  const inDialogs = options.inDialogs ?? whileTyping;
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => {
    if (!on) return undefined;
    const sequence = keys.split(' ');
    let at = 0;
    let last = 0;
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || isModKey(event)) return;
      if (!whileTyping && (isTyping(event.target) || (writingPages > 0 && LETTERS.test(keys)))) return;
      if (event.timeStamp - last > SEQUENCE_MS) at = 0;
      last = event.timeStamp;
      at = shortcutOf(event, sequence[at]) ? at + 1 : shortcutOf(event, sequence[0]) ? 1 : 0;
      // A dialog has its own keys; those of the page behind it rest. Looking for one in a long form takes a millisecond, so other keys do not.
      if (at > 0 && !inDialogs && document.querySelector('[role="dialog"][aria-modal="true"]')) at = 0;
      if (at === sequence.length) {
        at = 0;
        event.preventDefault();
        latest.current(event);
      }
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, [keys, on, whileTyping, inDialogs]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}
