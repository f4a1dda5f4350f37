import { Card, Group, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { HEALTH_EVERY, healthQuery } from '@/api/health';
import { isAbsent } from '@/api/there';
import { CheckLines, healthRoute, notOk, TextLink } from '@/features/settings';

/** What needs a look at the server, for who may see it. Nothing where all is well, and where it cannot be told. */
export default function HealthCard() {
  const { t } = useTranslation('health');
  const { data } = useQuery({ ...healthQuery, refetchInterval: (query) => !isAbsent(query.state.error) && 4 * HEALTH_EVERY, retry: false });
  const open = notOk(data?.checks ?? []);
  if (open.length === 0) return null;
  return (
    <Card withBorder padding="md" mb="md" component="section" aria-labelledby="health">
      <Group justify="space-between" mb="xs">
        <Title order={2} id="health">
          {t('card.title')}
        </Title>
        <TextLink {...healthRoute.to({})}>{t('card.more')}</TextLink>
      </Group>
      <CheckLines checks={open} label={t('card.title')} />
    </Card>
  );
}
