import { Menu, type MenuDropdownProps, type MenuProps } from '@mantine/core';
import { useMounted } from '@mantine/hooks';
import { type ReactNode, type Ref, type RefObject, useImperativeHandle } from 'react';
import type { MenuButton } from './useMenuButton';

interface Props extends Omit<MenuProps, 'id' | 'opened' | 'onChange' | 'children'> {
  of: MenuButton;
  dropdown?: MenuDropdownProps;
  children: ReactNode;
}

/** The menu of a button that was there before it (`useMenuButton`). */
export function LateMenu({ of: { id, button, opened, setOpened }, dropdown, children, ...rest }: Props) {
  // Opened once it is there: it gives the focus back to what had it then.
  const ready = useMounted();
  return (
    <Menu id={id} opened={ready && opened} onChange={setOpened} {...rest}>
      <Menu.Target>
        <StandIn button={button} />
      </Menu.Target>
      <Menu.Dropdown {...dropdown}>{children}</Menu.Dropdown>
    </Menu>
  );
}

/** Hands the button to the menu in place of one that the menu draws. */
function StandIn({
  button,
  ref,
}: {
  button: RefObject<HTMLButtonElement | null>;
  ref?: Ref<HTMLButtonElement | null>;
}) {
  useImperativeHandle<HTMLButtonElement | null, HTMLButtonElement | null>(ref, () => button.current, [button]);
  return null;
}
