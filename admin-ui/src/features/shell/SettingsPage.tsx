import { Card, SimpleGrid, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { EmptyState } from '@/ui/EmptyState';
import { useFeatures } from '@/ui/frame';
import { PageTitle } from '@/ui/PageTitle';
import { byOrder, visible } from '@/ui/compose';

/** What can be set, each with a line about it. */
export default function SettingsPage() {
  const pages = byOrder(visible(useFeatures().flatMap((feature) => feature.settings ?? []), useSession().permissions));
  const { t } = useTranslation(['frame', ...new Set(pages.map((page) => page.label.split(':')[0] ?? 'frame'))]);
  return (
    <>
      <PageTitle title={t('settings.title')} />
      {pages.length === 0 && <EmptyState title={t('settings.none')}>{t('settings.noneHint')}</EmptyState>}
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }} spacing="sm">
        {pages.map((page) => (
          <Card key={page.id} withBorder padding="sm" renderRoot={(props) => <Link to={page.to} {...props} />}>
            <Text fw={600}>{t(page.label)}</Text>
            <Text size="sm" c="dimmed">
              {t(page.description)}
            </Text>
          </Card>
        ))}
      </SimpleGrid>
    </>
  );
}
