import { Button } from '@mantine/core';
import { IconFilePlus } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ContentType } from '@/api/model';
import { useShortcut } from '@/app/shortcuts';
import { newEntryTarget } from '../addresses';

/** Leads to the page on which an entry is created; so does its key. */
export function CreateButton({ type, locale }: { type: ContentType; locale: string | undefined }) {
  const { t } = useTranslation('list');
  const navigate = useNavigate();
  const target = newEntryTarget(type.uid, locale);
  useShortcut('n', () => void navigate(target));
  return (
    <Button
      leftSection={<IconFilePlus size={16} aria-hidden />}
      aria-keyshortcuts="n"
      renderRoot={(props) => <Link {...target} {...props} />}
    >
      {t('create')}
    </Button>
  );
}
