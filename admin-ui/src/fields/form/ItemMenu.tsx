import { Menu } from '@mantine/core';
import {
  IconArrowBarToDown,
  IconArrowBarToUp,
  IconArrowDown,
  IconArrowsSort,
  IconArrowUp,
  IconClipboard,
  IconCopy,
  IconCopyPlus,
  IconTrash,
} from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { lazyPart } from '@/ui/lazyPart';
import { MenuAt } from '@/ui/MenuAt';
import { PartBoundary } from '@/ui/PartBoundary';

const MoveToDialog = lazyPart(() => import('./MoveToDialog'));

export type ItemVerb =
  | { do: 'move'; to: 'up' | 'down' | 'start' | 'end' | number }
  | { do: 'duplicate' | 'copy' | 'paste' | 'remove' };

interface ItemMenuProps {
  button: HTMLElement;
  at: number;
  count: number;
  full: boolean;
  onClose: () => void;
  onVerb: (verb: ItemVerb) => void;
}

const icon = { size: 16, 'aria-hidden': true } as const;

/** What can be done with an item: the way without a mouse for all that dragging does. One menu for the whole list: two hundred closed ones would cost. */
export function ItemMenu({ button, at, count, full, onClose, onVerb }: ItemMenuProps) {
  const { t } = useTranslation('fields');
  const [asking, setAsking] = useState(false);
  // While somebody looks for it among the others.
  useEffect(() => void MoveToDialog.preload().catch(() => undefined), []);
  const close = () => {
    onClose();
    button.focus();
  };
  const choose = (verb: ItemVerb) => () => {
    onClose();
    button.focus();
    onVerb(verb);
  };
  if (asking) {
    return (
      <PartBoundary closeDialog={close}>
        <MoveToDialog
          fallback={null}
          at={at}
          count={count}
          onClose={close}
          onMove={(to) => choose({ do: 'move', to })()}
        />
      </PartBoundary>
    );
  }
  return (
    <MenuAt rect={button.getBoundingClientRect()} onClose={close}>
      <Menu.Item
        leftSection={<IconArrowUp {...icon} />}
        rightSection={<kbd>Alt ↑</kbd>}
        disabled={at === 0}
        onClick={choose({ do: 'move', to: 'up' })}
      >
        {t('items.up')}
      </Menu.Item>
      <Menu.Item
        leftSection={<IconArrowDown {...icon} />}
        rightSection={<kbd>Alt ↓</kbd>}
        disabled={at === count - 1}
        onClick={choose({ do: 'move', to: 'down' })}
      >
        {t('items.down')}
      </Menu.Item>
      <Menu.Item
        leftSection={<IconArrowBarToUp {...icon} />}
        disabled={at === 0}
        onClick={choose({ do: 'move', to: 'start' })}
      >
        {t('items.toStart')}
      </Menu.Item>
      <Menu.Item
        leftSection={<IconArrowBarToDown {...icon} />}
        disabled={at === count - 1}
        onClick={choose({ do: 'move', to: 'end' })}
      >
        {t('items.toEnd')}
      </Menu.Item>
      <Menu.Item
        leftSection={<IconArrowsSort {...icon} />}
        closeMenuOnClick={false}
        disabled={count < 2}
        onClick={() => setAsking(true)}
      >
        {t('items.moveTo')}
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item leftSection={<IconCopyPlus {...icon} />} disabled={full} onClick={choose({ do: 'duplicate' })}>
        {t('items.duplicate')}
      </Menu.Item>
      <Menu.Item leftSection={<IconCopy {...icon} />} onClick={choose({ do: 'copy' })}>
        {t('items.copy')}
      </Menu.Item>
      <Menu.Item leftSection={<IconClipboard {...icon} />} disabled={full} onClick={choose({ do: 'paste' })}>
        {t('items.pasteBelow')}
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item color="red" leftSection={<IconTrash {...icon} />} onClick={choose({ do: 'remove' })}>
        {t('items.remove')}
      </Menu.Item>
    </MenuAt>
  );
}
