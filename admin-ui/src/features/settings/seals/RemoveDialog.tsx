import { List, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { deleteSealProfile, type SealProfile, sealProfilesQuery } from '@/api/sealProfiles';
import { FormDialog } from '@/ui/FormDialog';
import { announce } from '@/ui/live';

/** Takes a profile away, and says which plugins seal with it. */
export function RemoveDialog({ profile, onClose }: { profile: SealProfile; onClose: () => void }) {
  const { t } = useTranslation(['seals', 'common']);
  const queries = useQueryClient();
  const { name, usedBy } = profile;
  const remove = useMutation({
    mutationFn: () => deleteSealProfile(name),
    onSuccess: async () => {
      announce(t('isRemoved', { name }));
      onClose();
      await queries.invalidateQueries({ queryKey: sealProfilesQuery.queryKey });
    },
  });
  return (
    <FormDialog
      title={t('removeNamed', { name })}
      onClose={onClose}
      onSubmit={() => remove.mutate()}
      pending={remove.isPending}
      error={remove.error}
      submit={t('common:remove')}
      danger
    >
      {usedBy.length > 0 && (
        <div>
          <Text size="sm">{t('removeUsed', { count: usedBy.length })}</Text>
          <List size="sm">
            {usedBy.map((plugin) => (
              <List.Item key={plugin}>{plugin}</List.Item>
            ))}
          </List>
        </div>
      )}
      <Text size="sm">{t('removeText')}</Text>
    </FormDialog>
  );
}
