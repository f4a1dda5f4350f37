import { Menu, Portal } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  /** Where its button is. */
  rect: DOMRect;
  onClose: () => void;
  children: ReactNode;
}

/** An open menu beside a button that is drawn without one: many buttons on a page can have it, and it is made when it is asked for. */
export function MenuAt({ rect, onClose, children }: Props) {
  const { left, top, width, height } = rect;
  return (
    <Portal>
      <Menu opened onClose={onClose} position="bottom-end" returnFocus={false} trapFocus>
        <Menu.Target>
          <span style={{ position: 'fixed', left, top, width, height, pointerEvents: 'none' }} />
        </Menu.Target>
        <Menu.Dropdown>{children}</Menu.Dropdown>
      </Menu>
    </Portal>
  );
}
