import { Button } from '@mantine/core';
import { IconFilePlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ContentType } from '@/api/model';
import { newEntryTarget } from '../addresses';

/** Leads to the page on which an entry is created. */
export function CreateButton({ type, locale }: { type: ContentType; locale: string | undefined }) {
  const { t } = useTranslation('list');
  return (
    <Button
      leftSection={<IconFilePlus size={16} aria-hidden />}
      renderRoot={(props) => <Link {...newEntryTarget(type.uid, locale)} {...props} />}
    >
      {t('create')}
    </Button>
  );
}
