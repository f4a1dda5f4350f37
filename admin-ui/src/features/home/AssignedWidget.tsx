import { Badge, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Overview, overviewQuery, type ReviewSummary } from '@/api/overview';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatList } from '@/ui/format';
import { RelativeTime } from '@/ui/RelativeTime';
import { DocumentLine } from './DocumentLine';
import classes from './Lines.module.css';

const assignedOf = ({ assigned }: Overview) => assigned;

/** The documents that the person is to work on. What waits for their approval is the inbox's. */
export default function AssignedWidget() {
  const { t } = useTranslation('home');
  const { data, error, refetch } = useQuery({ ...overviewQuery, select: assignedOf });
  if (error) return <ErrorMessage error={error} retry={() => void refetch()} />;
  if (!data) return null;
  const all = data.toSorted(compareDueDates);
  if (all.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('assigned.none')}
      </Text>
    );
  }
  return (
    <ul className={classes.lines}>
      {all.map((review) => (
        <DocumentLine key={review.id} document={review}>
          {review.stage ?? t('assigned.noStage')}
          {review.askedFor.length > 0 && ` · ${t('assigned.askedFor', { roles: formatList(review.askedFor) })}`}
          {review.due && (
            <>
              {' · '}
              <RelativeTime at={review.due.at} />
            </>
          )}
          {review.due?.overdue && (
            <Badge color="red" variant="light" size="sm" ml={6}>
              {t('assigned.overdue')}
            </Badge>
          )}
        </DocumentLine>
      ))}
    </ul>
  );
}

/** What is due first comes first; what has no date comes last. */
function compareDueDates(a: ReviewSummary, b: ReviewSummary): number {
  return (
    (a.due ? Date.parse(a.due.at) : Number.MAX_SAFE_INTEGER) - (b.due ? Date.parse(b.due.at) : Number.MAX_SAFE_INTEGER)
  );
}
