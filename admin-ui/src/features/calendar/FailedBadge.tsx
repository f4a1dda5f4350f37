import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { failedSchedulesQuery, mayReadSchedules } from '@/api/editorial';
import { useSession } from '@/api/session';
import { CountBadge } from '@/ui/CountBadge';
import { hasPermission } from '@/app/permissions';

/** How many schedules of the last days failed. */
export default function FailedBadge() {
  const { t } = useTranslation('calendar');
  const { permissions } = useSession();
  const { data = [] } = useQuery({
    ...failedSchedulesQuery,
    enabled: hasPermission(permissions, mayReadSchedules),
  });
  return (
    <CountBadge
      count={data.length}
      label={t('failedCount', { count: data.length })}
      color="red"
      icon={<IconAlertTriangle size={12} aria-hidden />}
    />
  );
}
