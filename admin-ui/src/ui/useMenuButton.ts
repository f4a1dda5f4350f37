import { type RefObject, useId, useRef, useState } from 'react';

/** What ties a menu to its button. */
export interface MenuButton {
  id: string;
  button: RefObject<HTMLButtonElement | null>;
  opened: boolean;
  setOpened: (opened: boolean) => void;
}

interface Used extends MenuButton {
  /** For the button. */
  props: {
    ref: RefObject<HTMLButtonElement | null>;
    id: string;
    'aria-haspopup': 'menu';
    'aria-expanded': boolean;
    'aria-controls': string | undefined;
    onClick: () => void;
    onPointerEnter: () => void;
    onFocus: () => void;
  };
  /** Whether it has been opened: before, the menu need not be there. */
  needed: boolean;
  /** Opens it by a shortcut. */
  open: () => void;
}

/** A button whose menu (`LateMenu`) is fetched when somebody is about to open it. */
export function useMenuButton(preload: () => Promise<void>): Used {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const [opened, setOpened] = useState(false);
  const [needed, setNeeded] = useState(false);
  if (opened && !needed) setNeeded(true);
  // What fails here fails again, and is told of, when the menu is opened.
  const fetch = (): void => void preload().catch(() => undefined);
  return {
    id,
    button,
    opened,
    setOpened,
    needed,
    // Once the key has been handled: a menu that is there closes with each key that is pressed outside of it.
    open: () => void setTimeout(setOpened, 0, true),
    props: {
      ref: button,
      id: `${id}-target`,
      'aria-haspopup': 'menu',
      'aria-expanded': opened,
      'aria-controls': opened ? `${id}-dropdown` : undefined,
      onClick: () => setOpened(!opened),
      onPointerEnter: fetch,
      onFocus: fetch,
    },
  };
}
