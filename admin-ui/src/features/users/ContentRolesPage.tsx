import { Badge, Button, Stack, Table, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { contentRolesQuery } from '@/api/roles';
import { QueryState, TableScroll, TextLink } from '@/features/settings';
import { PageTitle } from '@/ui/PageTitle';
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
          <TableScroll label={t('contentRoles.title')}>
            <Table highlightOnHover>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('role.name')}</Table.Th>
                  <Table.Th>{t('role.description')}</Table.Th>
                  <Table.Th>{t('contentRoles.may')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {all.map((role) => (
                  <Table.Tr key={role.code}>
                    <Table.Td>
                      <TextLink strong {...contentRoleAddress.to({ code: role.code })}>
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
                    <Table.Td>{t('contentRoles.subjects', { count: Object.keys(role.permissions).length })}</Table.Td>
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
