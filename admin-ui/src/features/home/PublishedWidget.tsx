import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { publishedQuery } from '@/api/overview';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { RelativeTime } from '@/ui/RelativeTime';
import { DocumentLine } from './DocumentLine';
import classes from './Lines.module.css';

const SHOWN = 8;
const DAY = 86_400_000;

/** What was published last, and by whom. */
export default function PublishedWidget() {
  const { t } = useTranslation('home');
  const [now] = useState(Date.now);
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  // Swedish writes dates as the server reads them.
  const day = (ago: number): string => new Intl.DateTimeFormat('sv', { timeZone: zone }).format(now - ago * DAY);
  const { data, error, refetch } = useQuery(publishedQuery({ from: day(14), to: day(0), zone }));
  if (error) return <ErrorMessage error={error} retry={() => void refetch()} />;
  if (!data) return null;
  const published = data.toReversed();
  if (published.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('published.none')}
      </Text>
    );
  }
  return (
    <ul className={classes.lines}>
      {published.slice(0, SHOWN).map((entry) => (
        <DocumentLine key={`${entry.contentType} ${entry.documentId} ${entry.locale} ${entry.at}`} document={entry}>
          {entry.by && `${entry.by} · `}
          <RelativeTime at={entry.at} />
        </DocumentLine>
      ))}
    </ul>
  );
}
