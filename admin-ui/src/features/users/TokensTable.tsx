import { Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AdminToken } from '@/api/adminTokens';
import type { ApiToken } from '@/api/apiTokens';
import type { Target } from '@/app/address';
import { TableScroll, TextLink } from '@/features/settings';
import { RelativeTime } from '@/ui/RelativeTime';

interface Props<Token> {
  label: string;
  tokens: readonly Token[];
  /** The page of a token. */
  to: (token: Token) => Target;
  /** What is told of each besides. */
  columns: readonly { label: string; render: (token: Token) => ReactNode }[];
  /** Until when a token is good, or why it is not. */
  renderExpiry: (token: Token) => ReactNode;
}

/** Tokens, for the admin API or the content API. */
export function TokensTable<Token extends Pick<AdminToken & ApiToken, 'id' | 'name' | 'description' | 'lastUsedAt'>>({
  label,
  tokens,
  to,
  columns,
  renderExpiry,
}: Props<Token>) {
  const { t } = useTranslation('users');
  return (
    <TableScroll label={label}>
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('token.name')}</Table.Th>
            {columns.map((column) => (
              <Table.Th key={column.label}>{column.label}</Table.Th>
            ))}
            <Table.Th>{t('token.lastUsed')}</Table.Th>
            <Table.Th>{t('token.expires')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tokens.map((token) => (
            <Table.Tr key={token.id}>
              <Table.Td>
                <TextLink strong {...to(token)}>
                  {token.name}
                </TextLink>
                <Text size="xs" c="dimmed">
                  {token.description}
                </Text>
              </Table.Td>
              {columns.map((column) => (
                <Table.Td key={column.label}>{column.render(token)}</Table.Td>
              ))}
              <Table.Td>{token.lastUsedAt ? <RelativeTime at={token.lastUsedAt} /> : t('token.never')}</Table.Td>
              <Table.Td>{renderExpiry(token)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TableScroll>
  );
}
