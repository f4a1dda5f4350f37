import { Text } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

/** Says beside a button that what it did is done. */
export function SavedNote({ shown: visible, children }: { shown: boolean; children?: string }) {
  const { t } = useTranslation('common');
  return (
    <Text size="sm" role="status" style={{ display: 'inline-flex', alignItems: 'center', gap: 4 }}>
      {visible && (
        <>
          <IconCheck size={16} aria-hidden />
          {children ?? t('saved')}
        </>
      )}
    </Text>
  );
}
