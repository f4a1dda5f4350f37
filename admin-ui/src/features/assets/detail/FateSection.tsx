import { Alert, Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconArrowBackUp, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ASSETS_KEY, type AssetDetail, bulkAssets, purgeAsset } from '@/api/assets';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { announce } from '@/ui/live';
import { TrashDialog } from '../TrashDialog';

/** Into the trash and back, or gone for good. */
export function FateSection({ file, onGone }: { file: AssetDetail; onGone: () => void }) {
  const { t } = useTranslation('media');
  const queries = useQueryClient();
  const [sure, setSure] = useState(false);
  const [trashing, setTrashing] = useState(false);
  const over = (sentence: string) => () => {
    announce(sentence);
    onGone();
    void queries.invalidateQueries({ queryKey: ASSETS_KEY });
  };
  const restore = useMutation({
    mutationFn: () => bulkAssets({ action: 'restore', ids: [file.documentId] }),
    onSuccess: over(t('bulk.done.restore', { count: 1 })),
  });
  const purge = useMutation({ mutationFn: () => purgeAsset(file.documentId), onSuccess: over(t('trash.purged')) });
  const error = restore.error ?? purge.error;
  return (
    <section aria-labelledby="file-fate">
      <Title order={3} id="file-fate" mb="xs">
        {t('trash.title')}
      </Title>
      <Stack gap="xs" align="flex-start">
        {error && <ErrorMessage error={error} />}
        {file.deletedAt ? (
          <>
            <Group gap="xs">
              <Button
                leftSection={<IconArrowBackUp size={16} aria-hidden />}
                loading={restore.isPending}
                onClick={() => restore.mutate()}
              >
                {t('trash.restore')}
              </Button>
              <Button variant="default" color="red" onClick={() => setSure(true)}>
                {t('trash.purge')}
              </Button>
            </Group>
            {sure && (
              <Alert color="red" title={t('trash.sure')}>
                <Group gap="xs" mt={4}>
                  <Button color="red" loading={purge.isPending} onClick={() => purge.mutate()}>
                    {t('trash.purge')}
                  </Button>
                  <Button variant="default" onClick={() => setSure(false)}>
                    {t('cancel')}
                  </Button>
                </Group>
              </Alert>
            )}
          </>
        ) : (
          <>
            <Button
              variant="default"
              leftSection={<IconTrash size={16} aria-hidden />}
              onClick={() => setTrashing(true)}
            >
              {t('bulk.trash')}
            </Button>
            <Text size="xs" c="dimmed">
              {t('bulk.trashHint', { count: 1 })}
            </Text>
            {trashing && <TrashDialog files={[file]} onClose={() => setTrashing(false)} onTrashed={onGone} />}
          </>
        )}
      </Stack>
    </section>
  );
}
