import { Button } from '@mantine/core';
import { IconChevronDown, IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useShortcut } from '@/app/shortcuts';
import { lazyPart } from '@/ui/lazyPart';
import { PartBoundary } from '@/ui/PartBoundary';
import { useMenuButton } from '@/ui/useMenuButton';
import { fetchWhenIdle } from '@/ui/whenIdle';

const NewMenuItems = fetchWhenIdle(lazyPart(() => import('./NewMenuItems')));

/** Begins an entry of any type, or a dashboard. */
export function NewMenu() {
  const { t } = useTranslation('list');
  const { props, needed, open, ...menu } = useMenuButton(NewMenuItems.preload);
  useShortcut('n', open);
  return (
    <>
      <Button
        leftSection={<IconPlus size={16} aria-hidden />}
        rightSection={<IconChevronDown size={14} aria-hidden />}
        aria-keyshortcuts="n"
        {...props}
      >
        {t('newMenu')}
      </Button>
      {needed && (
        <PartBoundary closeDialog={() => menu.setOpened(false)}>
          <NewMenuItems of={menu} fallback={null} />
        </PartBoundary>
      )}
    </>
  );
}
