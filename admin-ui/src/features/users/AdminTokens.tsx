import { Button, Table, Text } from '@mantine/core';
import { IconPlus, IconTerminal2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type AdminToken, adminTokensQuery } from '@/api/adminTokens';
import { QueryState, Section, StateBadge, TableScroll, TextLink } from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { formatDate } from '@/ui/format';
import { RelativeTime } from '@/ui/RelativeTime';
import { adminTokenAddress } from './addresses';

/** The tokens by which programs use the admin API: what each may do, whose it is, and until when. */
export function AdminTokens() {
  const { t } = useTranslation('users');
  const tokens = useQuery(adminTokensQuery);
  const make = (
    <Button
      variant="default"
      leftSection={<IconPlus size={16} aria-hidden />}
      renderRoot={(props) => <Link {...adminTokenAddress.to({ id: 'new' })} {...props} />}
    >
      {t('adminTokens.new')}
    </Button>
  );
  return (
    <Section
      title={t('adminTokens.title')}
      lead={t('adminTokens.lead')}
      actions={tokens.data?.length ? make : undefined}
    >
      <QueryState query={tokens}>
        {(all) =>
          all.length === 0 ? (
            <EmptyState icon={IconTerminal2} title={t('adminTokens.none')} action={make}>
              {t('adminTokens.noneHint')}
            </EmptyState>
          ) : (
            <TableScroll label={t('adminTokens.title')}>
              <Table highlightOnHover>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('token.name')}</Table.Th>
                    <Table.Th>{t('adminTokens.owner')}</Table.Th>
                    <Table.Th>{t('token.type')}</Table.Th>
                    <Table.Th>{t('token.lastUsed')}</Table.Th>
                    <Table.Th>{t('token.expires')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {all.map((token) => (
                    <Table.Tr key={token.id}>
                      <Table.Td>
                        <TextLink strong {...adminTokenAddress.to({ id: String(token.id) })}>
                          {token.name}
                        </TextLink>
                        <Text size="xs" c="dimmed">
                          {token.description}
                        </Text>
                      </Table.Td>
                      <Table.Td>{token.owner?.name ?? t('adminTokens.byFile')}</Table.Td>
                      <Table.Td>
                        {t('adminTokens.rights', {
                          count: token.actions.length + Object.keys(token.permissions).length,
                        })}
                      </Table.Td>
                      <Table.Td>
                        {token.lastUsedAt ? <RelativeTime at={token.lastUsedAt} /> : t('token.never')}
                      </Table.Td>
                      <Table.Td>
                        <Expiry token={token} />
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </TableScroll>
          )
        }
      </QueryState>
    </Section>
  );
}

/** Until when a token is good, or why it is not. */
export function Expiry({ token }: { token: AdminToken }) {
  const { t } = useTranslation('users');
  if (token.state === 'expired') return <StateBadge tone="bad">{t('token.expired')}</StateBadge>;
  if (token.state === 'suspended') return <StateBadge tone="bad">{t('adminTokens.suspended')}</StateBadge>;
  return formatDate(token.expiresAt);
}
