import { Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type ContentUser, dependentsQuery, setContentUserBlocked } from '@/api/contentUsers';
import { QueryState } from '@/features/settings';
import { FormDialog } from '@/ui/FormDialog';
import { announce } from '@/ui/live';
import { DependentsList } from './DependentsList';

/** Asks before a user is blocked, and says what is bound to them. */
export function BlockDialog({ user, onClose }: { user: ContentUser; onClose: () => void }) {
  const { t } = useTranslation('siteUsers');
  const queries = useQueryClient();
  const dependents = useQuery(dependentsQuery(user.documentId));
  const block = useMutation({
    mutationFn: () => setContentUserBlocked(user.documentId, true),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['content-users'] });
      announce(t('block.done', { name: user.username }));
      onClose();
    },
  });
  return (
    <FormDialog
      title={t('block.title', { name: user.username })}
      onClose={onClose}
      onSubmit={() => block.mutate()}
      pending={block.isPending}
      error={block.error}
      submit={t('block.action')}
      // Nobody decides before they have been told. Where it cannot be told, that is said, and somebody may have to be blocked all the same.
      disabled={dependents.isFetching}
      danger
    >
      <Text size="sm">{t('block.text')}</Text>
      <QueryState query={dependents}>{(found) => <DependentsList dependents={found} />}</QueryState>
    </FormDialog>
  );
}
