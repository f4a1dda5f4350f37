import { Button, Stack, Text } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { apiTokensQuery } from '@/api/apiTokens';
import { QueryState, StateBadge } from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { formatDate } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { AdminTokens } from './AdminTokens';
import { TokensTable } from './TokensTable';
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
            <TokensTable
              label={t('tokens.title')}
              tokens={all}
              to={({ id }) => tokenAddress.to({ id: String(id) })}
              columns={[{ label: t('token.type'), render: ({ type }) => t(`token.types.${type}`) }]}
              renderExpiry={({ expiresAt }) =>
                expiresAt === null || expiresAt === undefined ? (
                  t('token.forEver')
                ) : new Date(expiresAt) < new Date() ? (
                  <StateBadge tone="bad">{t('token.expired')}</StateBadge>
                ) : (
                  formatDate(expiresAt)
                )
              }
            />
          )
        }
      </QueryState>
      <AdminTokens />
    </Stack>
  );
}
