import { Badge } from '@mantine/core';
import { IconCircle, IconCircleCheck, IconCircleHalf2 } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { DocumentStatus } from '@/api/content';

const LOOKS = {
  draft: { color: 'gray', Icon: IconCircle },
  modified: { color: 'yellow', Icon: IconCircleHalf2 },
  published: { color: 'teal', Icon: IconCircleCheck },
} as const;

/** How a document stands: by word, sign and colour. */
export function StatusBadge({ status }: { status: DocumentStatus }) {
  const { t } = useTranslation('common');
  const { color, Icon } = LOOKS[status];
  return (
    <Badge variant="light" color={color} size="sm" tt="none" fw={500} leftSection={<Icon size={12} aria-hidden />}>
      {t(`status.${status}`)}
    </Badge>
  );
}
