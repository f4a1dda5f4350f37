import { Button, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { rolesQuery } from '@/api/roles';
import { QueryState, TextLink } from '@/features/settings';
import { formatNumber } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { RolesTable } from './RolesTable';
import { roleAddress, explainPermissionAddress } from './addresses';

/** The roles that people in the admin can have. */
export default function RolesPage() {
  const { t } = useTranslation('users');
  const roles = useQuery(rolesQuery);
  return (
    <Stack gap="md">
      <PageTitle
        title={t('roles.title')}
        actions={
          <Button
            leftSection={<IconPlus size={16} aria-hidden />}
            renderRoot={(props) => <Link {...roleAddress.to({ code: 'new' })} {...props} />}
          >
            {t('roles.new')}
          </Button>
        }
      >
        <Text size="sm" c="dimmed">
          {t('roles.lead')}{' '}
          <TextLink inText {...explainPermissionAddress.to({})}>
            {t('why.title')}
          </TextLink>
        </Text>
      </PageTitle>
      <QueryState query={roles}>
        {(all) => (
          <RolesTable
            label={t('roles.title')}
            roles={all}
            to={({ code }) => roleAddress.to({ code })}
            columns={[{ label: t('role.holders'), render: (role) => formatNumber(role.users), end: true }]}
          />
        )}
      </QueryState>
    </Stack>
  );
}
