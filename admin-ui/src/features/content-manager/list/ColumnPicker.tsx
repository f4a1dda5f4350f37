import { Button, Popover } from '@mantine/core';
import { IconColumns } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { lazyPart } from '@/ui/lazyPart';
import { PartBoundary } from '@/ui/PartBoundary';
import type { ColumnPanelProps } from './ColumnPanel';
import { useToolbarChoice } from './useToolbarChoice';

const ColumnPanel = lazyPart(async () => ({ default: (await import('./ColumnPanel')).ColumnPanel }));

/** Opens the choice of columns. */
export function ColumnPicker(props: ColumnPanelProps) {
  const { t } = useTranslation('list');
  const { phone } = useToolbarChoice();
  const [opened, setOpened] = useState(false);
  const toggle = (): void => {
    if (opened) return setOpened(false);
    // Opened if it cannot be loaded as well: it says so in its place.
    const show = (): void => setOpened(true);
    void ColumnPanel.preload().then(show, show);
  };
  const button = (
    <Button
      variant="default"
      leftSection={<IconColumns size={16} aria-hidden />}
      aria-expanded={opened}
      title={t('columns.title')}
      data-folds
      onClick={toggle}
    >
      {t('columns.title')}
    </Button>
  );
  const panel = opened && (
    <PartBoundary>
      <ColumnPanel fallback={null} {...props} />
    </PartBoundary>
  );
  // What lies over the page already unfolds: over it, it would hide what it belongs to.
  if (phone)
    return (
      <>
        {button}
        {panel}
      </>
    );
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" trapFocus returnFocus withinPortal>
      <Popover.Target>{button}</Popover.Target>
      <Popover.Dropdown w={320} aria-label={t('columns.title')}>
        {panel}
      </Popover.Dropdown>
    </Popover>
  );
}
