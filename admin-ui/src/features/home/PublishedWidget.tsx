import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { RelativeTime } from '@/ui/RelativeTime';
import { DocumentLine } from './DocumentLine';
import classes from './Lines.module.css';
import { useTwoWeeks } from './useTwoWeeks';

const SHOWN = 8;

/** What was published last, and by whom. */
export default function PublishedWidget() {
  const { t } = useTranslation('home');
  const { data, error, refetch } = useTwoWeeks();
  if (error) return <ErrorMessage error={error} retry={() => void refetch()} />;
  if (!data) return null;
  const published = data.filter((entry) => entry.kind === 'published').toReversed();
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
