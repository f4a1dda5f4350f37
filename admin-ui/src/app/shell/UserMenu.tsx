import { Avatar, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconSelector } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { displayName } from '@/ui/displayName';
import { lazyPart } from '@/ui/lazyPart';
import { PartBoundary } from '@/ui/PartBoundary';
import { useMenuButton } from '@/ui/useMenuButton';
import { fetchWhenIdle } from '@/ui/whenIdle';
import classes from './Navigation.module.css';

const UserMenuItems = fetchWhenIdle(lazyPart(() => import('./UserMenuItems')));

/** Who is signed in, and what is theirs alone. */
export function UserMenu() {
  const { t } = useTranslation('frame');
  const { me } = useSession();
  const { props, needed, ...menu } = useMenuButton(UserMenuItems.preload);
  const name = displayName(me);
  return (
    <>
      <UnstyledButton className={classes.user} {...props}>
        <Avatar size={28} radius="xl" name={name} aria-hidden />
        <Text size="sm" truncate flex={1} component="span">
          {name}
          <VisuallyHidden>, {t('user.menu')}</VisuallyHidden>
        </Text>
        <IconSelector size={16} aria-hidden />
      </UnstyledButton>
      {needed && (
        <PartBoundary closeDialog={() => menu.setOpened(false)}>
          <UserMenuItems of={menu} fallback={null} />
        </PartBoundary>
      )}
    </>
  );
}
