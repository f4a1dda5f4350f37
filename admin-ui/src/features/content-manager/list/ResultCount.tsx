import { Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { listEntries, type Query } from '@/api/content';
import type { ContentType } from '@/api/model';
import { formatNumber } from '@/ui/format';
import { EDITORIAL_KEYS } from '@/views/review/editorial';

interface Props {
  type: ContentType;
  query: Query;
  total: number;
  isPending: boolean;
}

/** How many entries the list shows, of how many. */
export function ResultCount({ type, query, total, isPending }: Props) {
  const { t } = useTranslation('list');
  const narrowed = ['filters', '_q', ...EDITORIAL_KEYS].some((key) => key in query);
  const { locale } = query;
  const all = useQuery({
    queryKey: ['content', type.uid, 'count', locale],
    queryFn: ({ signal }) =>
      listEntries(type, { fields: ['documentId'], pagination: { pageSize: 1 }, ...(locale ? { locale } : {}) }, signal),
    enabled: narrowed,
    placeholderData: keepPreviousData,
  });
  if (isPending) return null;
  const formattedTotal = formatNumber(total);
  return (
    <Text size="sm" c="dimmed" role="status">
      {narrowed && all.data
        ? t('countOf', { shown: formattedTotal, of: formatNumber(all.data.total) })
        : t('count', { count: total, shown: formattedTotal })}
    </Text>
  );
}
