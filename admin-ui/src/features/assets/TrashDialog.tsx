import { Alert, Button, Group, Modal, Skeleton, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Asset, type AssetUsage, trashUsagesQuery } from '@/api/assets';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { AssetUsageList } from './detail/AssetUsageList';
import { ReplaceButton, useReplaceAsset } from './ReplaceButton';
import { useTrash } from './useTrash';

/** Usages that are listed; the others are counted. */
const MAX_LISTED = 10;

interface Props {
  files: readonly Asset[];
  onClose: () => void;
  /** The files are in the trash. */
  onTrashed: () => void;
}

/** Asks before files go to the trash, where they disappear with it; one file can be replaced instead. */
export function TrashDialog({ files, onClose, onTrashed }: Props) {
  const { t } = useTranslation('media');
  const usages = useQuery(trashUsagesQuery(files.map((file) => file.documentId)));
  const trash = useTrash(onTrashed);
  const [only] = files.length === 1 ? files : [];
  const replace = useReplaceAsset(onClose);
  const found = usages.data?.usages ?? [];
  const error = trash.error ?? replace.error;
  return (
    <Modal
      opened
      size="lg"
      onClose={onClose}
      title={only ? t('trash.askOne', { name: only.name }) : t('trash.askMany', { count: files.length })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Stack gap="sm">
        {usages.isPending && <Skeleton h={40} aria-label={t('bulk.counting')} />}
        {usages.error && <ErrorMessage error={usages.error} retry={() => void usages.refetch()} />}
        {usages.isSuccess && found.length === 0 && <Text size="sm">{t('bulk.unused')}</Text>}
        {found.length > 0 && (
          <>
            <UsedAlert usages={found} />
            <AssetUsageList usages={found.slice(0, MAX_LISTED)} newTab />
            {found.length > MAX_LISTED && (
              <Text size="sm" c="dimmed">
                {t('trash.more', { count: found.length - MAX_LISTED })}
              </Text>
            )}
          </>
        )}
        {usages.data?.complete === false && (
          <Text size="sm" c="dimmed">
            {t('usages.incomplete')}
          </Text>
        )}
        <Text size="sm" c="dimmed">
          {t('bulk.trashHint', { count: files.length })}
        </Text>
        {error && <ErrorMessage error={error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('cancel')}
          </Button>
          {only && found.length > 0 && (
            <ReplaceButton file={only} replace={replace}>
              {t('trash.replace')}
            </ReplaceButton>
          )}
          <Button
            color="red"
            loading={trash.isPending}
            disabled={usages.isPending}
            onClick={() => trash.mutate(files.map((file) => file.documentId))}
          >
            {t('bulk.trash')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** How many entries show the files, and what becomes of those that readers see. */
function UsedAlert({ usages }: { usages: readonly AssetUsage[] }) {
  const { t } = useTranslation('media');
  const published = countEntries(usages.filter(({ status }) => status === 'published'));
  return (
    <Alert
      color={published > 0 ? 'red' : 'yellow'}
      icon={<IconAlertTriangle aria-hidden />}
      title={
        published > 0
          ? t('trash.usedPublished', { count: published })
          : t('trash.usedDrafts', { count: countEntries(usages) })
      }
    >
      {t(published > 0 ? 'trash.goneForReaders' : 'trash.goneFromDrafts')}
    </Alert>
  );
}

function countEntries(usages: readonly AssetUsage[]): number {
  return new Set(usages.map(({ contentType, documentId }) => `${contentType} ${documentId}`)).size;
}
