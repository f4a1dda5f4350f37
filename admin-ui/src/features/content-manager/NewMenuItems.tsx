import { Menu } from '@mantine/core';
import { IconLayoutDashboard } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { modelQuery } from '@/api/contentTypes';
import { LateMenu } from '@/ui/LateMenu';
import type { MenuButton } from '@/ui/useMenuButton';
import { NEW_VIEW, newEntryTarget, viewEditAddress } from './addresses';
import { usePins } from './types-menu/preferences';

/** What can be begun: an entry of any type, the pinned ones first, or a dashboard. */
export default function NewMenuItems({ of }: { of: MenuButton }) {
  const { t } = useTranslation('views');
  const [pins] = usePins();
  const { data: model } = useQuery(modelQuery);
  const rankOf = (uid: string): number => (pins.includes(uid) ? pins.indexOf(uid) : pins.length);
  const types = (model?.contentTypes ?? [])
    .filter(({ can, kind }) => can.create && kind === 'collectionType')
    .toSorted((one, other) => rankOf(one.uid) - rankOf(other.uid));
  return (
    <LateMenu
      of={of}
      position="bottom-end"
      // In the landmark of the page, and with the focus on its first line.
      withinPortal={false}
      withInitialFocusPlaceholder={false}
      returnFocus
      dropdown={{ mah: 'min(24rem, 70dvh)', style: { overflowY: 'auto' } }}
    >
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
        {t('builder.newDashboard')}
      </Menu.Item>
    </LateMenu>
  );
}
