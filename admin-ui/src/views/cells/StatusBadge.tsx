import { IconCircle, IconCircleCheck, IconCircleHalf2 } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { DocumentStatus } from '@/api/content';
import classes from './StatusBadge.module.css';

const SIGNS = { draft: IconCircle, modified: IconCircleHalf2, published: IconCircleCheck };

/** How a document stands: by word, sign and colour. */
export function StatusBadge({ status }: { status: DocumentStatus }) {
  const { t } = useTranslation('common');
  const Sign = SIGNS[status];
  return (
    <span className={classes.badge} data-status={status}>
      <Sign size={12} aria-hidden />
      {t(`status.${status}`)}
    </span>
  );
}
