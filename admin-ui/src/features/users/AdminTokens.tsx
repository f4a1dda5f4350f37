import { Button } from '@mantine/core';
import { IconPlus, IconTerminal2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type AdminToken, adminTokensQuery } from '@/api/adminTokens';
import { QueryState, Section, StateBadge } from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { formatDate } from '@/ui/format';
import { TokensTable } from './TokensTable';
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
            <TokensTable
              label={t('adminTokens.title')}
              tokens={all}
              to={({ id }) => adminTokenAddress.to({ id: String(id) })}
              columns={[
                { label: t('adminTokens.owner'), render: ({ owner }) => owner?.name ?? t('adminTokens.byFile') },
                {
                  label: t('token.type'),
                  render: ({ actions, permissions }) =>
                    t('adminTokens.rights', { count: actions.length + Object.keys(permissions).length }),
                },
              ]}
              renderExpiry={(token) => <Expiry token={token} />}
            />
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
