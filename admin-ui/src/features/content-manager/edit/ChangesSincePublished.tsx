import { Button } from '@mantine/core';
import { IconFileDiff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listHistory, type Subject } from '@/api/editorial';
import { lazyPart } from '@/ui/lazyPart';
import type { EntrySession } from './session';

const CompareDialog = lazyPart(() => import('./CompareDialog'));

/** For who is asked to approve: how the entry differs from what was published last, or from how it began. */
export function ChangesSincePublished({ subject, session }: { subject: Subject; session: EntrySession }) {
  const { t } = useTranslation('editor');
  const [open, setOpen] = useState(false);
  const history = useQuery({
    queryKey: ['entry-history', subject.uid, subject.documentId, subject.locale ?? '', 'first page'],
    queryFn: ({ signal }) => listHistory(subject, undefined, signal),
  });
  const [newest, ...earlier] = history.data?.entries ?? [];
  const before = earlier.find(({ status }) => status === 'published') ?? earlier.at(-1);
  if (!newest || !before) return null;
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconFileDiff size={16} aria-hidden />}
        onClick={() => setOpen(true)}
      >
        {t('review.compare')}
      </Button>
      <Suspense>
        {open && <CompareDialog from={before} to={newest} session={session} onClose={() => setOpen(false)} />}
      </Suspense>
    </>
  );
}
