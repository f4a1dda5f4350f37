import { Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Backup, backupsQuery, deleteBackup } from '@/api/backups';
import { formatDateTime } from '@/ui/format';
import { FormDialog } from '@/ui/FormDialog';
import { announce } from '@/ui/live';

/** Takes a backup away, for good. */
export function DeleteDialog({ backup, onClose }: { backup: Backup; onClose: () => void }) {
  const { t } = useTranslation(['backups', 'common']);
  const queries = useQueryClient();
  const taken = formatDateTime(backup.takenAt);
  const remove = useMutation({
    mutationFn: () => deleteBackup(backup.name),
    onSuccess: async () => {
      announce(t('isDeleted', { taken }));
      onClose();
      await queries.invalidateQueries({ queryKey: backupsQuery.queryKey });
    },
  });
  return (
    <FormDialog
      title={t('deleteNamed', { taken })}
      onClose={onClose}
      onSubmit={() => remove.mutate()}
      pending={remove.isPending}
      error={remove.error}
      submit={t('common:delete')}
      danger
    >
      <Text size="sm">{t('deleteText')}</Text>
    </FormDialog>
  );
}
