import { Button, type ButtonProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface Props extends ButtonProps {
  pages: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

/** Below a list that is read page by page: reads the next one, where there is one. */
export function MoreButton({ pages, ...props }: Props) {
  const { t } = useTranslation('common');
  if (!pages.hasNextPage) return null;
  return (
    <Button variant="default" {...props} loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
      {t('more')}
    </Button>
  );
}
