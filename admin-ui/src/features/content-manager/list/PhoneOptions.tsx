import { Button, Drawer, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAdjustmentsHorizontal } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface Props {
  /** Whether something is chosen that a list does not begin with. */
  changed: boolean;
  children: ReactNode;
}

/** How a list is shown, on a phone: a button, and above the lower edge of the screen what there is to choose. */
export function PhoneOptions({ changed, children }: Props) {
  const { t } = useTranslation(['list', 'common']);
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button
        variant={changed ? 'light' : 'default'}
        leftSection={<IconAdjustmentsHorizontal size={16} aria-hidden />}
        aria-haspopup="dialog"
        onClick={open}
        style={{ flex: 'none' }}
      >
        {t('list:display')}
      </Button>
      <Drawer
        opened={opened}
        onClose={close}
        title={t('list:display')}
        position="bottom"
        // As high as what is in it.
        styles={{ content: { height: 'auto' } }}
        closeButtonProps={{ 'aria-label': t('common:close') }}
      >
        <Stack gap="sm">{children}</Stack>
      </Drawer>
    </>
  );
}
