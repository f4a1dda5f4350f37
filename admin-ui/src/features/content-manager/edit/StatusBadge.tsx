import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { DocumentStatus } from '@/api/content';

const colors: Record<DocumentStatus, string> = { draft: 'gray', modified: 'yellow', published: 'green' };

/** How far a document is: a word, with a colour beside it. */
export function StatusBadge({ status }: { status: DocumentStatus }) {
  const { t } = useTranslation('fields');
  return (
    <Badge variant="light" color={colors[status]}>
      {t(`status.${status}`)}
    </Badge>
  );
}
