import { Button, Stack, Table, Text } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { apiTokensQuery } from '@/api/apiTokens';
import { QueryState, StateBadge, TableScroll, TextLink } from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { formatDate } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { RelativeTime } from '@/ui/RelativeTime';
import { AdminTokens } from './AdminTokens';
import { tokenAddress } from './addresses';

/** The tokens by which programs use the content API, and those by which they use the admin API. */
export default function TokensPage() {
  const { t } = useTranslation('users');
  const tokens = useQuery(apiTokensQuery);
  const make = (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      renderRoot={(props) => <Link {...tokenAddress.to({ id: 'new' })} {...props} />}
    >
      {t('tokens.new')}
    </Button>
  );
  return (
    <Stack gap="md">
      <PageTitle title={t('tokens.title')} actions={tokens.data?.length ? make : undefined}>
        <Text size="sm" c="dimmed">
          {t('tokens.lead')}
        </Text>
      </PageTitle>
      <QueryState query={tokens}>
        {(all) =>
          all.length === 0 ? (
            <EmptyState icon={IconKey} title={t('tokens.none')} action={make}>
              {t('tokens.noneHint')}
            </EmptyState>
          ) : (
            <TableScroll label={t('tokens.title')}>
              <Table highlightOnHover>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('token.name')}</Table.Th>
                    <Table.Th>{t('token.type')}</Table.Th>
                    <Table.Th>{t('token.lastUsed')}</Table.Th>
                    <Table.Th>{t('token.expires')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {all.map((token) => (
                    <Table.Tr key={token.id}>
                      <Table.Td>
                        <TextLink strong {...tokenAddress.to({ id: String(token.id) })}>
                          {token.name}
                        </TextLink>
                        <Text size="xs" c="dimmed">
                          {token.description}
                        </Text>
                      </Table.Td>
                      <Table.Td>{t(`token.types.${token.type}`)}</Table.Td>
                      <Table.Td>
                        {token.lastUsedAt ? <RelativeTime at={token.lastUsedAt} /> : t('token.never')}
                      </Table.Td>
                      <Table.Td>
                        {token.expiresAt ? (
                          new Date(token.expiresAt) < new Date() ? (
                            <StateBadge tone="bad">{t('token.expired')}</StateBadge>
                          ) : (
                            formatDate(token.expiresAt)
                          )
                        ) : (
                          t('token.forEver')
                        )}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </TableScroll>
          )
        }
      </QueryState>
      <AdminTokens />
    </Stack>
  );
}
