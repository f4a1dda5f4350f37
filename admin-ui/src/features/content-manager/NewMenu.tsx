import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconLayoutDashboard, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { modelQuery } from '@/api/contentTypes';
import { useShortcut } from '@/app/shortcuts';
import { NEW_VIEW, newEntryTarget, viewEditAddress } from './addresses';
import { usePins } from './types-menu/preferences';

/** Begins an entry of any type, the pinned ones first, or a dashboard. */
export function NewMenu() {
  const { t } = useTranslation(['list', 'views']);
  const [opened, setOpened] = useState(false);
  const [pins] = usePins();
  const { data: model } = useQuery(modelQuery);
  useShortcut('n', () => setOpened(true));
  const rankOf = (uid: string): number => (pins.includes(uid) ? pins.indexOf(uid) : pins.length);
  const types = (model?.contentTypes ?? [])
    .filter(({ can, kind }) => can.create && kind === 'collectionType')
    .toSorted((one, other) => rankOf(one.uid) - rankOf(other.uid));
  return (
    <Menu
      opened={opened}
      onChange={setOpened}
      position="bottom-end"
      // In the landmark of the page, and with the focus on its first line.
      withinPortal={false}
      withInitialFocusPlaceholder={false}
      returnFocus
    >
      <Menu.Target>
        <Button
          leftSection={<IconPlus size={16} aria-hidden />}
          rightSection={<IconChevronDown size={14} aria-hidden />}
          aria-keyshortcuts="n"
        >
          {t('list:newMenu')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah="min(24rem, 70dvh)" style={{ overflowY: 'auto' }}>
        {types.map((type, at) => (
          <Menu.Item
            key={type.uid}
            data-autofocus={at === 0 || undefined}
            renderRoot={(props) => <Link {...newEntryTarget(type.uid)} {...props} />}
          >
            {type.info.displayName}
          </Menu.Item>
        ))}
        {types.length > 0 && <Menu.Divider />}
        <Menu.Item
          leftSection={<IconLayoutDashboard size={16} aria-hidden />}
          renderRoot={(props) => <Link {...viewEditAddress.to({ id: NEW_VIEW }, { kind: 'dashboard' })} {...props} />}
        >
          {t('views:builder.newDashboard')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
