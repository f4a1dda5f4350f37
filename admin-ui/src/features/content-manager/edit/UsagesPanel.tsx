import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Subject } from '@/api/editorial';
import { usagesQuery } from '@/api/usages';
import { ErrorMessage } from '@/ui/ErrorMessage';
import classes from './Edit.module.css';
import { UsageList } from './UsageList';

/** The entries that lead to this one. */
export default function UsagesPanel({ subject }: { subject: Subject }) {
  const { t } = useTranslation('editor');
  const usagesResult = useQuery(usagesQuery(subject.uid, subject.documentId));
  if (usagesResult.isError)
    return <ErrorMessage error={usagesResult.error} retry={() => void usagesResult.refetch()} />;
  if (!usagesResult.data) return null;
  const { usages, complete, entries } = usagesResult.data;
  return (
    <Stack gap="sm">
      <Text className={classes.dim}>{entries === 0 ? t('usages.none') : t('usages.text', { count: entries })}</Text>
      <UsageList usages={usages} />
      {!complete && <Text className={classes.dim}>{t('usages.more')}</Text>}
    </Stack>
  );
}
