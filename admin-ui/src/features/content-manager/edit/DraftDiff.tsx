import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Subject } from '@/api/editorial';
import { ErrorMessage } from '@/ui/ErrorMessage';
import CompareDialog from './CompareDialog';
import { findPublishedPair } from './publishedPair';
import type { EntrySession } from './session';

/** What the draft says that readers do not see yet. */
export default function DraftDiff({
  subject,
  session,
  onClose,
}: {
  subject: Subject;
  session: EntrySession;
  onClose: () => void;
}) {
  const { t } = useTranslation('editor');
  const pair = useQuery({
    queryKey: ['entry-history', 'published', subject.uid, subject.documentId, subject.locale ?? ''],
    staleTime: 0,
    queryFn: async ({ signal }) => {
      // What is on the page is what is meant.
      await session.flush('asked');
      return findPublishedPair(subject, signal);
    },
  });
  if (pair.data && !pair.isFetching)
    return (
      <CompareDialog
        from={pair.data.from}
        to={pair.data.to}
        session={session}
        title={t('diff.title')}
        onClose={onClose}
      />
    );
  if (pair.isPending || pair.isFetching) return null;
  return (
    <Modal opened onClose={onClose} title={t('diff.title')} closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack>
        {pair.isError ? (
          <ErrorMessage error={pair.error} retry={() => void pair.refetch()} />
        ) : (
          <Text size="sm">{t('diff.gone')}</Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('close')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
