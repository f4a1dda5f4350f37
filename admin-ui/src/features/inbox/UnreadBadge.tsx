import { Badge } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { unreadQuery } from '@/api/notifications';

/** How many notifications are unread. */
export default function UnreadBadge() {
  const { t } = useTranslation('inbox');
  const { data } = useQuery(unreadQuery);
  if (!data) return null;
  return (
    <Badge size="sm" circle={data < 10} aria-label={t('unreadCount', { count: data })}>
      {data > 99 ? '99+' : data}
    </Badge>
  );
}
