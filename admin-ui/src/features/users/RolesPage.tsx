import { Badge, Button, Stack, Table, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { rolesQuery } from '@/api/roles';
import { QueryState, TableScroll, TextLink } from '@/features/settings';
import { formatNumber } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
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
          <TableScroll label={t('roles.title')}>
            <Table highlightOnHover>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('role.name')}</Table.Th>
                  <Table.Th>{t('role.description')}</Table.Th>
                  <Table.Th ta="right">{t('role.holders')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {all.map((role) => (
                  <Table.Tr key={role.code}>
                    <Table.Td>
                      <TextLink strong {...roleAddress.to({ code: role.code })}>
                        {role.name}
                      </TextLink>{' '}
                      {role.builtIn && (
                        <Badge variant="default" tt="none" size="sm">
                          {t('role.builtIn')}
                        </Badge>
                      )}
                      <Text size="xs" c="dimmed">
                        {role.code}
                      </Text>
                    </Table.Td>
                    <Table.Td>{role.description}</Table.Td>
                    <Table.Td ta="right">{formatNumber(role.users)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </TableScroll>
        )}
      </QueryState>
    </Stack>
  );
}
