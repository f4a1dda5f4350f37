import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Asks before a field of one language replaces what is written in another. */
export function ReplaceFieldDialog({
  names,
  onClose,
  onReplace,
}: {
  names: { field: string; from: string; to: string };
  onClose: () => void;
  onReplace: () => void;
}) {
  const { t } = useTranslation('sides');
  const { t: te } = useTranslation('editor');
  return (
    <Modal opened onClose={onClose} title={t('replace.title', names)} closeButtonProps={{ 'aria-label': te('close') }}>
      <Stack>
        <Text size="sm">{t('replace.text', names)}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {te('cancel')}
          </Button>
          <Button color="red" onClick={onReplace}>
            {t('replace.do')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
