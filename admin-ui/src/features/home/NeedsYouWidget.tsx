import { Anchor, Badge, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { modelQuery } from '@/api/contentTypes';
import { failedSchedulesQuery, mayReadSchedules, type Schedule } from '@/api/editorial';
import { contentTypeOf } from '@/api/model';
import { type Overview, overviewQuery, type ReviewSummary } from '@/api/overview';
import { waitingReviewsQuery } from '@/api/reviews';
import { useSession } from '@/api/session';
import { hasPermission } from '@/app/permissions';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { RelativeTime } from '@/ui/RelativeTime';
import { DocumentLine } from './DocumentLine';
import classes from './Lines.module.css';

/** More lines than this are in the inbox. */
const MAX_LINES = 8;

const assignedOf = ({ assigned }: Overview) => assigned;

/** What somebody is to do something about: approvals, assignments, schedules that failed. */
function useTasks() {
  const { permissions } = useSession();
  const assigned = useQuery({ ...overviewQuery, select: assignedOf });
  const waiting = useQuery(waitingReviewsQuery);
  const failed = useQuery({ ...failedSchedulesQuery, enabled: hasPermission(permissions, mayReadSchedules) });
  const approvals = waiting.data?.reviews ?? [];
  const others = (assigned.data ?? []).filter(({ id }) => approvals.every((approval) => approval.id !== id));
  return {
    approvals,
    reviews: [...approvals, ...others].toSorted(compareDueDates),
    failed: failed.data ?? [],
    error: assigned.error,
    retry: () => void assigned.refetch(),
    isLoaded: assigned.isSuccess && !waiting.isPending,
  };
}

/** Whether there is anything to do; `undefined` while that is not known. */
export function useNeedsYou(): boolean | undefined {
  const { reviews, failed, error, isLoaded } = useTasks();
  if (error || reviews.length + failed.length > 0) return true;
  return isLoaded ? false : undefined;
}

/** What waits for the person, what is most pressing first. */
export default function NeedsYouWidget() {
  const { t } = useTranslation('home');
  const { approvals, reviews, failed, error, retry } = useTasks();
  if (error) return <ErrorMessage error={error} retry={retry} />;
  return (
    <>
      <ul className={classes.lines}>
        {failed.slice(0, MAX_LINES).map((schedule) => (
          <FailedLine key={`schedule ${schedule.id}`} schedule={schedule} />
        ))}
        {reviews.slice(0, Math.max(0, MAX_LINES - failed.length)).map((review) => (
          <DocumentLine key={review.id} document={review} panel="review">
            {approvals.includes(review) ? t('needs.approval') : (review.stage ?? t('needs.noStage'))}
            {review.due && (
              <>
                {' · '}
                <RelativeTime at={review.due.at} />
              </>
            )}
            {review.due?.overdue && (
              <Badge color="red" variant="light" size="sm" ml={6}>
                {t('needs.overdue')}
              </Badge>
            )}
          </DocumentLine>
        ))}
      </ul>
      {reviews.length + failed.length > MAX_LINES && (
        <Anchor
          size="sm"
          lh="1.5rem"
          renderRoot={(props) => (
            <Link to="/inbox" search={{ tab: approvals.length > 0 ? 'waiting' : 'assigned' }} {...props} />
          )}
        >
          {t('needs.more')}
        </Anchor>
      )}
    </>
  );
}

/** A schedule that failed. It knows the entry, and not what it is called. */
function FailedLine({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation('home');
  const { data: model } = useQuery(modelQuery);
  const { contentType: uid, documentId, locale, action, due } = schedule;
  const type = contentTypeOf(model, uid)?.info.displayName ?? uid;
  return (
    <DocumentLine
      document={{
        contentType: uid,
        documentId,
        locale: locale === '*' ? null : locale,
        title: t(action === 'unpublish' ? 'needs.unpublishFailed' : 'needs.publishFailed', { type }),
      }}
    >
      <Group gap={6} component="span" wrap="nowrap">
        <RelativeTime at={due} />
        <Badge color="red" variant="light" size="sm">
          {t('needs.failed')}
        </Badge>
      </Group>
    </DocumentLine>
  );
}

/** What is due first comes first; what has no date comes last. */
function compareDueDates(a: ReviewSummary, b: ReviewSummary): number {
  return (
    (a.due ? Date.parse(a.due.at) : Number.MAX_SAFE_INTEGER) - (b.due ? Date.parse(b.due.at) : Number.MAX_SAFE_INTEGER)
  );
}
