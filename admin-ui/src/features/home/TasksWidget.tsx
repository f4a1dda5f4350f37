import { Badge, Text } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { reviewsQuery, type ReviewSummary } from '@/api/overview';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatList } from '@/ui/format';
import { RelativeTime } from '@/ui/RelativeTime';
import { DocumentLine } from './DocumentLine';
import classes from './Lines.module.css';

const SHOWN = 10;

/** What waits for the person: documents they are to work on, and those whose approval is theirs to give. */
export default function TasksWidget() {
  const { t } = useTranslation('home');
  const [assigned, waiting] = useQueries({ queries: [reviewsQuery({ assignee: 'me' }, SHOWN), reviewsQuery({ waitingForMe: true }, SHOWN)] });
  const error = assigned.error ?? waiting.error;
  if (error) {
    const again = (): void => {
      void assigned.refetch();
      void waiting.refetch();
    };
    return <ErrorMessage error={error} retry={again} />;
  }
  if (!assigned.data || !waiting.data) return null;
  const mine = new Set(assigned.data.map((review) => review.id));
  // Whoever is assigned and asked for an approval sees it once.
  const all = [...assigned.data, ...waiting.data.filter((review) => !mine.has(review.id))].toSorted(soonest);
  if (all.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('tasks.none')}
      </Text>
    );
  }
  return (
    <ul className={classes.lines}>
      {all.map((review) => (
        <DocumentLine key={review.id} document={review}>
          {review.stage ?? t('tasks.noStage')}
          {review.askedFor.length > 0 && ` · ${t('tasks.askedFor', { roles: formatList(review.askedFor) })}`}
          {review.due && (
            <>
              {' · '}
              <RelativeTime at={review.due.at} />
            </>
          )}
          {review.due?.overdue && (
            <Badge color="red" variant="light" size="sm" ml={6}>
              {t('tasks.overdue')}
            </Badge>
          )}
        </DocumentLine>
      ))}
    </ul>
  );
}

/** What is due first comes first; what has no date comes last. */
function soonest(a: ReviewSummary, b: ReviewSummary): number {
  return (a.due ? Date.parse(a.due.at) : Number.MAX_SAFE_INTEGER) - (b.due ? Date.parse(b.due.at) : Number.MAX_SAFE_INTEGER);
}
