import { Badge, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AdminRole, ContentRole } from '@/api/roles';
import type { Target } from '@/app/address';
import { TableScroll, TextLink } from '@/features/settings';

interface Props<Role> {
  label: string;
  roles: readonly Role[];
  /** The page of a role. */
  to: (role: Role) => Target;
  /** What is told of each besides. */
  columns: readonly {
    label: string;
    render: (role: Role) => ReactNode;
    /** Numbers stand at the end. */
    end?: boolean;
  }[];
}

/** Roles, of the admin or of the content API. */
export function RolesTable<Role extends Pick<AdminRole & ContentRole, 'code' | 'name' | 'description' | 'builtIn'>>({
  label,
  roles,
  to,
  columns,
}: Props<Role>) {
  const { t } = useTranslation('users');
  return (
    <TableScroll label={label}>
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('role.name')}</Table.Th>
            <Table.Th>{t('role.description')}</Table.Th>
            {columns.map(({ label: name, end }) => (
              <Table.Th key={name} ta={end ? 'right' : undefined}>
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {roles.map((role) => (
            <Table.Tr key={role.code}>
              <Table.Td>
                <TextLink strong {...to(role)}>
                  {role.name}
                </TextLink>{' '}
                {role.builtIn && (
                  <Badge variant="default" size="sm">
                    {t('role.builtIn')}
                  </Badge>
                )}
                <Text size="xs" c="dimmed">
                  {role.code}
                </Text>
              </Table.Td>
              <Table.Td>{role.description}</Table.Td>
              {columns.map(({ label: name, end, render }) => (
                <Table.Td key={name} ta={end ? 'right' : undefined}>
                  {render(role)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TableScroll>
  );
}
