import { Button, Group, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type HistoryEntry, listHistory, type Subject } from '@/api/editorial';
import { labelOf } from '@/fields/label';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { lazyPart } from '@/ui/lazyPart';
import { RelativeTime } from '@/ui/RelativeTime';
import classes from './Edit.module.css';
import type { EntrySession } from './session';

const CompareDialog = lazyPart(() => import('./CompareDialog'));

/** Who did what when. Any two versions can be compared; an old one comes back whole or in parts. */
export default function HistoryPanel({ subject, session }: { subject: Subject; session: EntrySession }) {
  const { t } = useTranslation('editor');
  const [pair, setPair] = useState<{ from: HistoryEntry; to: HistoryEntry } | null>(null);
  const [first, setFirst] = useState<HistoryEntry | null>(null);
  const pages = useInfiniteQuery({
    queryKey: ['entry-history', subject.uid, subject.documentId, subject.locale ?? ''],
    queryFn: ({ signal, pageParam }) => listHistory(subject, pageParam || undefined, signal),
    initialPageParam: 0,
    getNextPageParam: (page) => page.before ?? undefined,
  });
  if (pages.isError) return <ErrorMessage error={pages.error} retry={() => void pages.refetch()} />;
  const entries = pages.data?.pages.flatMap((page) => page.entries) ?? [];
  const [newest] = entries;
  const compare = (entry: HistoryEntry) => {
    const other = first ?? newest;
    if (!other || other.id === entry.id) return;
    setPair(entry.id < other.id ? { from: entry, to: other } : { from: other, to: entry });
    setFirst(null);
  };
  return (
    <Stack gap="sm">
      {pages.isSuccess && entries.length === 0 && <Text className={classes.dim}>{t('history.none')}</Text>}
      {first && <Text size="sm">{t('history.choose')}</Text>}
      <ol className={classes.list} aria-label={t('history.title')}>
        {entries.map((entry, at) => (
          <li key={entry.id} className={classes.card}>
            <div>
              {t('history.line', {
                who: entry.actor.name ?? entry.actor.kind,
                what: t(`history.action.${entry.action}`, { defaultValue: entry.action }),
              })}
            </div>
            <div className={classes.dim}>
              <RelativeTime at={entry.at} />
              {entry.autosave && ` · ${t('history.autosave')}`}
              {entry.changed.length > 0 &&
                ` · ${entry.changed.map((name) => labelOf(name, session.type.attributes[name])).join(', ')}`}
            </div>
            <Group gap={4}>
              <Button
                size="compact-xs"
                variant="subtle"
                disabled={first ? first.id === entry.id : at === 0}
                onClick={() => compare(entry)}
              >
                {t(first ? 'history.withChosen' : 'history.withNow')}
              </Button>
              {!first && (
                <Button size="compact-xs" variant="subtle" onClick={() => setFirst(entry)}>
                  {t('history.withOther')}
                </Button>
              )}
            </Group>
          </li>
        ))}
      </ol>
      {pages.hasNextPage && (
        <Button
          size="xs"
          variant="subtle"
          loading={pages.isFetchingNextPage}
          onClick={() => void pages.fetchNextPage()}
        >
          {t('history.more')}
        </Button>
      )}
      <Suspense>
        {pair && <CompareDialog from={pair.from} to={pair.to} session={session} onClose={() => setPair(null)} />}
      </Suspense>
    </Stack>
  );
}
