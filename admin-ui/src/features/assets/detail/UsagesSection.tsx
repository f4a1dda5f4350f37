import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { usagesQuery } from '@/api/assets';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { AssetUsageList } from './AssetUsageList';

/** The entries that show a file, each with a link to it. */
export function UsagesSection({ documentId }: { documentId: string }) {
  const { t } = useTranslation('media');
  const usages = useQuery(usagesQuery(documentId));
  const list = usages.data?.data ?? [];
  return (
    <section aria-labelledby="file-usages">
      <Title order={3} id="file-usages" mb="xs">
        {t('usages.title')}
      </Title>
      {usages.error && <ErrorMessage error={usages.error} retry={() => void usages.refetch()} />}
      {usages.isSuccess && list.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('usages.none')}
        </Text>
      )}
      <AssetUsageList usages={list} />
      {usages.data && !usages.data.meta.complete && (
        <Text size="xs" c="dimmed" mt={4}>
          {t('usages.incomplete')}
        </Text>
      )}
    </section>
  );
}
