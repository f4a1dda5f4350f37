import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Overview, overviewQuery } from '@/api/overview';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { RelativeTime } from '@/ui/RelativeTime';
import { DocumentLine } from './DocumentLine';
import classes from './Lines.module.css';

const publishedOf = ({ published }: Overview) => published;

/** What was published last, and by whom. */
export default function PublishedWidget() {
  const { t } = useTranslation('home');
  const { data, error, refetch } = useQuery({ ...overviewQuery, select: publishedOf });
  if (error) return <ErrorMessage error={error} retry={() => void refetch()} />;
  if (!data) return null;
  if (data.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('published.none')}
      </Text>
    );
  }
  return (
    <ul className={classes.lines}>
      {data.map((entry) => (
        <DocumentLine key={`${entry.contentType} ${entry.documentId} ${entry.locale} ${entry.at}`} document={entry}>
          {entry.by && `${entry.by} · `}
          <RelativeTime at={entry.at} />
        </DocumentLine>
      ))}
    </ul>
  );
}
