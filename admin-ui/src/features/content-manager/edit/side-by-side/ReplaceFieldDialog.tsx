import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Asks before a field of one language replaces what is written in another, as it is or translated. */
export function ReplaceFieldDialog({
  names,
  by,
  onClose,
  onReplace,
}: {
  names: { field: string; from: string; to: string };
  by: 'copying' | 'translating';
  onClose: () => void;
  onReplace: () => void;
}) {
  const { t } = useTranslation('sides');
  const { t: te } = useTranslation('editor');
  const texts = by === 'copying' ? 'replace' : 'translate.replace';
  return (
    <Modal opened onClose={onClose} title={t(`${texts}.title`, names)} closeButtonProps={{ 'aria-label': te('close') }}>
      <Stack>
        <Text size="sm">{t(`${texts}.text`, names)}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {te('cancel')}
          </Button>
          <Button color="red" onClick={onReplace}>
            {t(`${texts}.do`)}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
