import { Alert, Button, Group, TagsInput, Text } from '@mantine/core';
import { IconArrowBackUp, IconFolderSymlink, IconLock, IconTag, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  ASSETS_KEY,
  type Asset,
  type BulkAssetAction,
  bulkAssets,
  type BulkAssetResult,
  foldersQuery,
  tagsQuery,
  undoBulk,
} from '@/api/assets';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { FormDialog } from '@/ui/FormDialog';
import { announce } from '@/ui/live';
import classes from './Assets.module.css';
import { FolderSelect } from './FolderSelect';
import { TrashDialog } from './TrashDialog';

interface Props {
  selected: readonly Asset[];
  trash: boolean;
  onDone: () => void;
  onAll: (() => void) | undefined;
}

type BulkDialogKind = 'move' | 'tag' | 'untag' | 'trash' | null;

/** What can be done with the selected files, and taking it back. */
export function BulkBar({ selected, trash, onDone, onAll }: Props) {
  const { t } = useTranslation('media');
  const queries = useQueryClient();
  const [asking, setAsking] = useState<BulkDialogKind>(null);
  const [last, setLast] = useState<(BulkAssetResult & { action: BulkAssetAction['action'] }) | null>(null);
  const ids = selected.map((file) => file.documentId);
  const refresh = (): void => void queries.invalidateQueries({ queryKey: ASSETS_KEY });
  const run = useMutation({
    mutationFn: bulkAssets,
    onSuccess: (done, bulk) => {
      setLast({ ...done, action: bulk.action });
      announce(t(`bulk.done.${bulk.action}`, { count: done.changed }));
      setAsking(null);
      onDone();
      refresh();
    },
  });
  const undo = useMutation({
    mutationFn: (done: BulkAssetResult) => undoBulk(done.undo),
    onSuccess: () => {
      setLast(null);
      announce(t('bulk.undone'));
      refresh();
    },
  });
  const allPrivate = selected.length > 0 && selected.every((file) => file.private);
  return (
    <>
      {last && (
        <Alert color="green" role="status" withCloseButton closeButtonLabel={t('close')} onClose={() => setLast(null)}>
          <Group gap="sm">
            <Text size="sm">{t(`bulk.done.${last.action}`, { count: last.changed })}</Text>
            {last.undo.length > 0 && (
              <Button
                size="compact-sm"
                variant="default"
                leftSection={<IconArrowBackUp size={14} aria-hidden />}
                loading={undo.isPending}
                onClick={() => undo.mutate(last)}
              >
                {t('undo')}
              </Button>
            )}
          </Group>
          {undo.error && <ErrorMessage error={undo.error} />}
        </Alert>
      )}
      {run.error && !asking && <ErrorMessage error={run.error} />}
      {selected.length > 0 && (
        <section className={classes.bar} aria-label={t('bulk.title')}>
          <Group gap="xs" justify="space-between">
            <Group gap="xs">
              <Text size="sm" fw={500}>
                {t('bulk.selected', { count: selected.length })}
              </Text>
              {onAll && (
                <Button size="compact-sm" variant="subtle" onClick={onAll}>
                  {t('bulk.all')}
                </Button>
              )}
              <Button size="compact-sm" variant="subtle" onClick={onDone}>
                {t('bulk.none')}
              </Button>
            </Group>
            <Group gap="xs">
              {trash ? (
                <Button size="xs" loading={run.isPending} onClick={() => run.mutate({ action: 'restore', ids })}>
                  {t('trash.restore')}
                </Button>
              ) : (
                <>
                  <Button
                    size="xs"
                    variant="default"
                    leftSection={<IconFolderSymlink size={16} aria-hidden />}
                    onClick={() => setAsking('move')}
                  >
                    {t('bulk.move')}
                  </Button>
                  <Button
                    size="xs"
                    variant="default"
                    leftSection={<IconTag size={16} aria-hidden />}
                    onClick={() => setAsking('tag')}
                  >
                    {t('bulk.tag')}
                  </Button>
                  {selected.some((file) => file.tags.length > 0) && (
                    <Button size="xs" variant="default" onClick={() => setAsking('untag')}>
                      {t('bulk.untag')}
                    </Button>
                  )}
                  <Button
                    size="xs"
                    variant="default"
                    leftSection={<IconLock size={16} aria-hidden />}
                    onClick={() => run.mutate({ action: 'private', ids, private: !allPrivate })}
                  >
                    {t(allPrivate ? 'bulk.public' : 'bulk.private')}
                  </Button>
                  <Button
                    size="xs"
                    variant="default"
                    color="red"
                    leftSection={<IconTrash size={16} aria-hidden />}
                    onClick={() => setAsking('trash')}
                  >
                    {t('bulk.trash')}
                  </Button>
                </>
              )}
            </Group>
          </Group>
        </section>
      )}
      {asking === 'trash' && selected.length > 0 && (
        <TrashDialog
          files={selected}
          onClose={() => setAsking(null)}
          onTrashed={() => {
            setAsking(null);
            onDone();
          }}
        />
      )}
      {asking && asking !== 'trash' && selected.length > 0 && (
        <BulkDialog
          asking={asking}
          selected={selected}
          pending={run.isPending}
          error={run.error}
          onClose={() => setAsking(null)}
          onRun={(bulk) => run.mutate(bulk)}
        />
      )}
    </>
  );
}

interface DialogProps {
  asking: Exclude<BulkDialogKind, 'trash' | null>;
  selected: readonly Asset[];
  pending: boolean;
  error: Error | null;
  onClose: () => void;
  onRun: (bulk: BulkAssetAction) => void;
}

function BulkDialog({ asking, selected, pending, error, onClose, onRun }: DialogProps) {
  const { t } = useTranslation('media');
  const ids = selected.map((file) => file.documentId);
  const folders = useQuery({ ...foldersQuery, enabled: asking === 'move' });
  const tags = useQuery({ ...tagsQuery, enabled: asking === 'tag' });
  const [folder, setFolder] = useState<number | null>(null);
  const [newTags, setWords] = useState<string[]>([]);
  const existingTags = [...new Set(selected.flatMap((file) => file.tags))];
  const ready = asking === 'move' ? folder !== null : newTags.length > 0;
  const run = (): void => {
    if (!ready) return;
    if (asking !== 'move') onRun({ action: asking, ids, tags: newTags });
    else if (folder !== null) onRun({ action: 'move', ids, folder });
  };
  return (
    <FormDialog
      title={t(`bulk.${asking}`)}
      onClose={onClose}
      onSubmit={run}
      pending={pending}
      error={error}
      submit={t(`bulk.${asking}`)}
      disabled={!ready}
    >
      <Text size="sm">{t('bulk.selected', { count: selected.length })}</Text>
      {asking === 'move' && (
        <FolderSelect
          data-autofocus
          label={t('bulk.to')}
          none={t('folder.none')}
          folders={folders.data ?? []}
          value={folder}
          onChange={setFolder}
        />
      )}
      {asking === 'tag' && (
        <TagsInput
          data-autofocus
          label={t('tags')}
          data={(tags.data ?? []).map(({ tag }) => tag)}
          value={newTags}
          onChange={setWords}
        />
      )}
      {asking === 'untag' && (
        <TagsInput
          data-autofocus
          label={t('tags')}
          data={existingTags}
          value={newTags}
          onChange={(next) => setWords(next.filter((word) => existingTags.includes(word)))}
        />
      )}
    </FormDialog>
  );
}
