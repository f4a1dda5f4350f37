import { Button, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { contentRolesQuery } from '@/api/roles';
import { QueryState } from '@/features/settings';
import { formatNumber } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { RolesTable } from './RolesTable';
import { contentRoleAddress } from './addresses';

/** The roles of who uses the content API: visitors, users, others. */
export default function ContentRolesPage() {
  const { t } = useTranslation('users');
  const roles = useQuery(contentRolesQuery);
  return (
    <Stack gap="md">
      <PageTitle
        title={t('contentRoles.title')}
        actions={
          <Button
            leftSection={<IconPlus size={16} aria-hidden />}
            renderRoot={(props) => <Link {...contentRoleAddress.to({ code: 'new' })} {...props} />}
          >
            {t('roles.new')}
          </Button>
        }
      >
        <Text size="sm" c="dimmed">
          {t('contentRoles.lead')}
        </Text>
      </PageTitle>
      <QueryState query={roles}>
        {(all) => (
          <RolesTable
            label={t('contentRoles.title')}
            roles={all}
            to={({ code }) => contentRoleAddress.to({ code })}
            columns={[
              {
                label: t('contentRoles.may'),
                render: (role) => t('contentRoles.subjects', { count: Object.keys(role.permissions).length }),
              },
              // Visitors are no users.
              {
                label: t('contentRoles.users'),
                render: (role) => (role.code === 'public' ? null : formatNumber(role.users)),
                end: true,
              },
            ]}
          />
        )}
      </QueryState>
    </Stack>
  );
}
