import { Badge } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconClock, IconHelp, IconLock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { RightsStatus } from '@/api/assetRights';

const LOOKS = {
  clear: { color: 'green', icon: IconCircleCheck },
  expiring: { color: 'yellow', icon: IconClock },
  expired: { color: 'red', icon: IconAlertTriangle },
  blocked: { color: 'red', icon: IconLock },
  embargoed: { color: 'orange', icon: IconClock },
  unknown: { color: 'gray', icon: IconHelp },
} as const;

/** Whether a file may be shown, in a word and a sign. */
export function RightsBadge({ status }: { status: RightsStatus }) {
  const { t } = useTranslation('media');
  const { color, icon: StatusIcon } = LOOKS[status] ?? LOOKS.unknown;
  return (
    <Badge variant="outline" color={color} leftSection={<StatusIcon size={12} aria-hidden />}>
      {t(`rights.status.${status}`)}
    </Badge>
  );
}
