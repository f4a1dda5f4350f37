import { Alert, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { isConflict } from './moveEntry';
import type { FailedMove } from './useMoveEntry';

/** Why an entry was not moved. `title` is what was tried. */
export function MoveFailedMessage({ failed, title }: { failed: FailedMove; title: string }) {
  const { t } = useTranslation('views');
  if (!isConflict(failed.error)) return <ErrorMessage error={failed.error} title={title} />;
  // A plugin that refuses in its own words has no version to name.
  const isStale = 'currentVersion' in failed.error.details;
  return (
    <Alert
      role="alert"
      color="yellow"
      icon={<IconAlertTriangle aria-hidden />}
      title={t('moveConflict.title', { title: failed.title })}
      mb="xs"
    >
      <Stack gap={4}>
        <Text size="sm">{t('moveConflict.hint')}</Text>
        {!isStale && failed.error.message && <Text size="sm">{failed.error.message}</Text>}
      </Stack>
    </Alert>
  );
}
