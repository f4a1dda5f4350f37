import { Button, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface Props {
  pages: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
  /** Rows that are shown. */
  count: number;
}

/** Below a list that is read page by page: how many are shown, and more. */
export function MoreRows({ pages, count }: Props) {
  const { t } = useTranslation('settings');
  return (
    <Group justify="space-between" mt="xs">
      <Text size="sm" c="dimmed" role="status">
        {t(pages.hasNextPage ? 'rows.some' : 'rows.all', { count })}
      </Text>
      {pages.hasNextPage && (
        <Button
          variant="default"
          size="xs"
          loading={pages.isFetchingNextPage}
          onClick={() => void pages.fetchNextPage()}
        >
          {t('rows.more')}
        </Button>
      )}
    </Group>
  );
}
