import { Anchor, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { listReviews } from '@/api/reviews';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { ReviewLine } from './Reviews';
import { inboxRoute } from './routes';

/** Reviews that wait for the reader's approval. */
export default function WaitingWidget() {
  const { t } = useTranslation('inbox');
  const { data, error } = useQuery({ queryKey: ['reviews', 'widget'], queryFn: ({ signal }) => listReviews({ waitingForMe: true, limit: 5 }, signal) });
  if (error) return <ErrorMessage error={error} />;
  if (data?.reviews.length === 0) return <Text c="dimmed">{t('widget.empty')}</Text>;
  return (
    <Stack gap="xs">
      {data?.reviews.map((review) => <ReviewLine key={review.id} review={review} />)}
      {data && <Anchor size="sm" renderRoot={(props) => <Link {...inboxRoute.to({}, { tab: 'waiting' })} {...props} />}>{t('widget.all')}</Anchor>}
    </Stack>
  );
}
