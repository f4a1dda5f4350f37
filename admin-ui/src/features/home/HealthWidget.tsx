import { Card, Group, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Overview, overviewQuery } from '@/api/overview';
import { CheckLines, healthAddress, TextLink } from '@/features/settings';

/** It is looked at again this often, in milliseconds. */
const REFRESH_MS = 60_000;

const checksOf = ({ checks }: Overview) => checks;

/** What needs a look at the server, for who may see it. Nothing where all is well, and where it cannot be told. */
export default function HealthWidget() {
  const { t } = useTranslation('health');
  const { data: open = [] } = useQuery({ ...overviewQuery, select: checksOf, refetchInterval: REFRESH_MS });
  if (open.length === 0) return null;
  return (
    <Card withBorder padding="md" mb="md" component="section" aria-labelledby="health">
      <Group justify="space-between" mb="xs">
        <Title order={2} id="health">
          {t('card.title')}
        </Title>
        <TextLink {...healthAddress.to({})}>{t('card.more')}</TextLink>
      </Group>
      <CheckLines checks={open} label={t('card.title')} />
    </Card>
  );
}
