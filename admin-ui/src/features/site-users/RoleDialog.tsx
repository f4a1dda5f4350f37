import { Select, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ContentUser, contentUserRolesQuery, setContentUserRole } from '@/api/contentUsers';
import { QueryState } from '@/features/settings';
import { FormDialog } from '@/ui/FormDialog';
import { announce } from '@/ui/live';

/** Asks which role a user gets. */
export function RoleDialog({ user, onClose }: { user: ContentUser; onClose: () => void }) {
  const { t } = useTranslation('siteUsers');
  const queries = useQueryClient();
  const roles = useQuery(contentUserRolesQuery);
  const [role, setRole] = useState(user.role?.code ?? null);
  const change = useMutation({
    mutationFn: (code: string) => setContentUserRole(user.documentId, code),
    onSuccess: async (changed) => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['content-users'] }),
        queries.invalidateQueries({ queryKey: ['content-roles'] }),
      ]);
      announce(t('roleDialog.done', { name: user.username, role: changed.role?.name ?? t('noRole') }));
      onClose();
    },
  });
  return (
    <FormDialog
      title={t('roleDialog.title', { name: user.username })}
      onClose={onClose}
      onSubmit={() => role && change.mutate(role)}
      pending={change.isPending}
      error={change.error}
      disabled={role === null || role === user.role?.code}
    >
      <QueryState query={roles}>
        {({ data }) => (
          <Select
            label={t('role')}
            data={data.map(({ code, name }) => ({ value: code, label: name }))}
            value={role}
            onChange={setRole}
            allowDeselect={false}
            data-autofocus
          />
        )}
      </QueryState>
      <Text size="sm" c="dimmed">
        {t('roleDialog.hint')}
      </Text>
    </FormDialog>
  );
}
