import { Group } from '@mantine/core';
import { IconChecklist } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { unreadQuery } from '@/api/notifications';
import { waitingReviewsQuery } from '@/api/reviews';
import { CountBadge } from '@/ui/CountBadge';

/** How many notifications are unread, and how many entries wait for the reader's approval. */
export default function UnreadBadge() {
  const { t } = useTranslation('inbox');
  const { data: unread = 0 } = useQuery(unreadQuery);
  const { data: waiting } = useQuery(waitingReviewsQuery);
  const waits = waiting?.reviews.length ?? 0;
  return (
    <Group gap={4} wrap="nowrap" component="span">
      <CountBadge
        count={waits}
        more={waiting?.before !== null}
        label={t('waitingCount', { count: waits })}
        color="yellow"
        icon={<IconChecklist size={12} aria-hidden />}
      />
      <CountBadge count={unread} label={t('unreadCount', { count: unread })} />
    </Group>
  );
}
