import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime } from '@/ui/format';
import { DocumentLine } from './DocumentLine';
import classes from './Lines.module.css';
import { useTwoWeeks } from './useTwoWeeks';

const SHOWN = 8;

/** What will be published, or taken offline, in the next two weeks. */
export default function ScheduledWidget() {
  const { t } = useTranslation('home');
  const { now, data, error, refetch } = useTwoWeeks();
  if (error) return <ErrorMessage error={error} retry={() => void refetch()} />;
  if (!data) return null;
  const coming = data.filter((entry) => entry.kind === 'scheduled' && Date.parse(entry.at) >= now);
  if (coming.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('scheduled.none')}
      </Text>
    );
  }
  return (
    <>
      <ul className={classes.lines}>
        {coming.slice(0, SHOWN).map((entry) => (
          <DocumentLine key={`${entry.contentType} ${entry.documentId} ${entry.locale} ${entry.at}`} document={entry}>
            {entry.release && `${entry.release.name} · `}
            {t(entry.action === 'unpublish' ? 'scheduled.unpublish' : 'scheduled.publish', { when: formatDateTime(entry.at) })}
          </DocumentLine>
        ))}
      </ul>
      {coming.length > SHOWN && (
        <Text size="xs" c="dimmed" mt={4}>
          {t('more', { count: coming.length - SHOWN })}
        </Text>
      )}
    </>
  );
}
