import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ContentType } from '@/api/model';
import { usagesQuery } from '@/api/usages';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { languageName } from '@/ui/format';
import { UsageList } from './UsageList';

interface DeleteDialogProps {
  type: ContentType;
  documentId: string;
  locale: string | undefined;
  onClose: () => void;
  /** `undefined`: all locales. */
  onDelete: (locale: string | undefined) => Promise<void>;
}

/** Deleting can be undone from the bin; which of the locales goes has to be said. */
export default function DeleteDialog({ type, documentId, locale, onClose, onDelete }: DeleteDialogProps) {
  const { t } = useTranslation('editor');
  const usages = useQuery({ ...usagesQuery(type.uid, documentId), staleTime: 0 });
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const run = async (onlyLocale: string | undefined) => {
    setBusy(true);
    setError(null);
    try {
      await onDelete(onlyLocale);
    } catch (cause) {
      setError(cause);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('delete.title')} closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack>
        <Text size="sm">{t('delete.text')}</Text>
        {usages.data && usages.data.entries > 0 && (
          <>
            <Text size="sm">
              {t('usages.warn', { count: usages.data.entries })} {t('usages.afterDelete')}
            </Text>
            <UsageList usages={usages.data.usages} newTab />
            {!usages.data.complete && <Text size="sm">{t('usages.more')}</Text>}
          </>
        )}
        {error !== null && <ErrorMessage error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('cancel')}
          </Button>
          {type.localized && locale && (
            <Button color="red" variant="light" loading={busy} onClick={() => void run(locale)}>
              {t('delete.one', { language: languageName(locale) })}
            </Button>
          )}
          <Button color="red" loading={busy} onClick={() => void run(undefined)}>
            {t(type.localized ? 'delete.all' : 'delete.do')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
