import { Badge, Group, Skeleton, Text } from '@mantine/core';
import { IconChecklist } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { listReviews, type ReviewItem } from '@/api/reviews';
import { entryTarget } from '@/features/content-manager';
import { DelayedContent } from '@/ui/DelayedContent';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { MoreButton } from '@/ui/MoreButton';
import { formatDateTime } from '@/ui/format';
import { RelativeTime } from '@/ui/RelativeTime';
import { useObstacleText } from '@/views/review/useObstacleText';
import classes from './Inbox.module.css';

/** Reviews that wait for an approval of the reader's, or that are assigned to them. */
export function Reviews({ asked: filter }: { asked: 'waiting' | 'assigned' }) {
  const { t } = useTranslation(['inbox', 'common']);
  const list = useInfiniteQuery({
    queryKey: ['reviews', filter],
    queryFn: ({ pageParam, signal }) =>
      listReviews(
        {
          ...(filter === 'waiting' ? { waitingForMe: true } : { assignee: 'me' as const }),
          ...(pageParam ? { before: pageParam } : {}),
        },
        signal,
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.before ?? undefined,
  });
  const reviews = list.data?.pages.flatMap((page) => page.reviews) ?? [];
  return (
    <>
      {list.error && <ErrorMessage error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && (
        <DelayedContent>
          <Skeleton h={160} aria-label={t('common:loading')} />
        </DelayedContent>
      )}
      {list.isSuccess && reviews.length === 0 && (
        <EmptyState icon={IconChecklist} title={t(`inbox:reviews.${filter}`)}>
          {t('inbox:reviews.hint')}
        </EmptyState>
      )}
      <ul className={classes.list}>
        {reviews.map((review) => (
          <li key={review.id} className={classes.item}>
            <ReviewLine review={review} />
          </li>
        ))}
      </ul>
      <MoreButton pages={list} mt="sm" />
    </>
  );
}

/** A review in a few words: what, where it stands, when it is due, what is missing. */
function ReviewLine({ review }: { review: ReviewItem }) {
  const { t } = useTranslation('inbox');
  const describe = useObstacleText();
  const target = entryTarget(review.contentType, review.documentId, review.locale);
  return (
    <div>
      <Link {...target} search={{ ...target.search, panel: 'review' }}>
        {review.title ?? review.documentId}
      </Link>
      <Group gap="xs" mt={2}>
        {review.stage && (
          <Badge variant="default" size="sm">
            {review.stage}
          </Badge>
        )}
        {review.due && (
          <Text size="xs" fw={review.due.overdue ? 600 : 400} c={review.due.overdue ? 'red' : 'dimmed'}>
            {t(review.due.overdue ? 'overdue' : 'due', {
              when: formatDateTime(review.due.at, review.due.zone),
              zone: review.due.zone,
            })}
          </Text>
        )}
        <Text size="xs" c="dimmed">
          <RelativeTime at={review.since} />
        </Text>
      </Group>
      {review.missing.length > 0 && (
        <Text size="xs" c="dimmed">
          {review.missing.map(describe).join(' ')}
        </Text>
      )}
    </div>
  );
}
