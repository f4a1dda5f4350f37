import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Stands where a page will be, once that takes long. */
export function RoutePending() {
  const { t } = useTranslation('common');
  return (
    <Stack gap="md" aria-busy="true">
      <VisuallyHidden>{t('loading')}</VisuallyHidden>
      <Skeleton h={28} w="min(16rem, 60%)" />
      <Skeleton h={16} />
      <Skeleton h={16} />
      <Skeleton h={16} w="70%" />
    </Stack>
  );
}
