import { Badge } from '@mantine/core';
import { IconAlertTriangle, IconArrowBackUp, IconCircleCheck, IconCircleDashed, IconClock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ReleaseState } from '@/api/releases';

const LOOKS = {
  open: { color: 'gray', Icon: IconCircleDashed },
  scheduled: { color: 'blue', Icon: IconClock },
  done: { color: 'teal', Icon: IconCircleCheck },
  failed: { color: 'red', Icon: IconAlertTriangle },
  'rolled-back': { color: 'yellow', Icon: IconArrowBackUp },
} as const;

/** How a release stands: by word, sign and colour. */
export function StateBadge({ state }: { state: ReleaseState }) {
  const { t } = useTranslation('releases');
  const { color, Icon } = LOOKS[state];
  return (
    <Badge variant="light" color={color} size="sm" leftSection={<Icon size={12} aria-hidden />}>
      {t(`state.${state}`)}
    </Badge>
  );
}
