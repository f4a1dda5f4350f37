import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Usages } from '@/api/usages';
import { UsageList } from './UsageList';

interface UnpublishDialogProps {
  usages: Usages;
  onClose: () => void;
  onUnpublish: () => void;
}

/** Asked only where something published leads here: taking offline can be undone by publishing again. */
export default function UnpublishDialog({ usages, onClose, onUnpublish }: UnpublishDialogProps) {
  const { t } = useTranslation('editor');
  return (
    <Modal opened onClose={onClose} title={t('unpublish.title')} closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack>
        <Text size="sm">{t('unpublish.text')}</Text>
        <Text size="sm">{t('usages.afterUnpublish', { count: usages.published })}</Text>
        <UsageList usages={usages.usages.filter((usage) => usage.status === 'published')} newTab />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('cancel')}
          </Button>
          <Button color="red" onClick={onUnpublish}>
            {t('unpublish.do')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
