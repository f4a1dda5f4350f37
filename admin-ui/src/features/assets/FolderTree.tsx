import { Alert, Button, Checkbox, Select, Text, TextInput } from '@mantine/core';
import { IconFolder, IconFolderPlus, IconFolders, IconPhotoOff } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  ASSETS_KEY,
  changeFolder,
  deleteFolder,
  type Folder,
  folderLabel,
  foldersQuery,
  makeFolder,
} from '@/api/assets';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { FormDialog } from '@/ui/FormDialog';
import classes from './Assets.module.css';
import { FolderLine } from './FolderLine';
import { FolderSelect } from './FolderSelect';
import { libraryAddress } from './addresses';

type FolderDialogState = { kind: 'new'; parent: number } | { kind: 'change' | 'delete'; folder: Folder } | null;

/** The folders, as they lie in each other. Files that are dropped on one are put into it. */
export function FolderTree({
  current,
  onMove,
}: {
  current: number | undefined;
  onMove?: (ids: string[], folder: number) => void;
}) {
  const { t } = useTranslation('media');
  const folders = useQuery(foldersQuery);
  const [asking, setAsking] = useState<FolderDialogState>(null);
  const sorted = (folders.data ?? []).toSorted((a, b) => folderLabel(a).localeCompare(folderLabel(b)));
  return (
    <nav aria-label={t('folder.many')}>
      <ul className={classes.folders}>
        <FolderLine
          target={undefined}
          current={current === undefined}
          icon={<IconFolders size={16} aria-hidden />}
          name={t('folder.all')}
          depth={0}
        />
        <FolderLine
          target={0}
          current={current === 0}
          icon={<IconPhotoOff size={16} aria-hidden />}
          name={t('folder.none')}
          depth={0}
          onFiles={onMove && ((ids) => onMove(ids, 0))}
        />
        {sorted.map((folder) => (
          <FolderLine
            key={folder.id}
            target={folder.id}
            current={current === folder.id}
            icon={<IconFolder size={16} aria-hidden />}
            name={folder.name}
            depth={folder.path.length - 1}
            count={folder.filesBelow}
            onFiles={onMove && ((ids) => onMove(ids, folder.id))}
            on={{
              newIn: () => setAsking({ kind: 'new', parent: folder.id }),
              change: () => setAsking({ kind: 'change', folder }),
              remove: () => setAsking({ kind: 'delete', folder }),
            }}
          />
        ))}
      </ul>
      <Button
        mt="xs"
        size="xs"
        variant="subtle"
        leftSection={<IconFolderPlus size={16} aria-hidden />}
        onClick={() => setAsking({ kind: 'new', parent: current ?? 0 })}
      >
        {t('folder.new')}
      </Button>
      {folders.error && <ErrorMessage error={folders.error} retry={() => void folders.refetch()} />}
      {asking?.kind === 'delete' && <DeleteFolder folder={asking.folder} onClose={() => setAsking(null)} />}
      {asking && asking.kind !== 'delete' && (
        <FolderDialog asking={asking} folders={sorted} onClose={() => setAsking(null)} />
      )}
    </nav>
  );
}

function FolderDialog({
  asking,
  folders,
  onClose,
}: {
  asking: Exclude<FolderDialogState, null | { kind: 'delete' }> | Extract<FolderDialogState, { folder: Folder }>;
  folders: Folder[];
  onClose: () => void;
}) {
  const { t } = useTranslation('media');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const folder = 'folder' in asking ? asking.folder : undefined;
  const [name, setName] = useState(folder?.name ?? '');
  const [parent, setParent] = useState(folder?.parent ?? ('parent' in asking ? asking.parent : 0));
  const [isPrivate, setPrivate] = useState(folder?.private ?? false);
  const [metadata, setMetadata] = useState(metadataChoice(folder?.keepsMetadata));
  const save = useMutation({
    mutationFn: async () => {
      const keepsMetadata = metadata === 'inherit' ? null : metadata === 'keep';
      if (!folder) return makeFolder(name.trim(), parent, keepsMetadata);
      await changeFolder(folder.id, { name: name.trim(), parent, private: isPrivate, keepsMetadata });
      return undefined;
    },
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: ASSETS_KEY });
      // Whoever makes a folder has something to put there: the next upload goes into the one that is open.
      if (made) void navigate(libraryAddress.to({}, { folder: made.id }));
      onClose();
    },
  });
  const inherited = folders.find(({ id }) => id === parent)?.metadataKept
    ? 'folder.metadataAs.inheritKept'
    : 'folder.metadataAs.inheritRemoved';
  // Not into itself, nor into what lies in it.
  const possible = folders.filter((each) => !folder || !each.path.some(({ id }) => id === folder.id));
  return (
    <FormDialog
      title={t(folder ? 'folder.change' : 'folder.new')}
      onClose={onClose}
      onSubmit={() => {
        if (name.trim()) save.mutate();
      }}
      pending={save.isPending}
      error={save.error}
    >
      <TextInput
        data-autofocus
        required
        label={t('folder.name')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <FolderSelect
        label={t('folder.parent')}
        none={t('folder.top')}
        folders={possible}
        value={parent}
        onChange={setParent}
      />
      {folder && (
        <Checkbox
          label={t('folder.private')}
          description={t('folder.privateHint')}
          checked={isPrivate}
          onChange={(event) => setPrivate(event.currentTarget.checked)}
        />
      )}
      <Select
        label={t('folder.metadata')}
        description={t('folder.metadataHint')}
        allowDeselect={false}
        data={[
          { value: 'inherit', label: t(inherited) },
          { value: 'keep', label: t('folder.metadataAs.keep') },
          { value: 'remove', label: t('folder.metadataAs.remove') },
        ]}
        value={metadata}
        onChange={(value) => setMetadata(value === 'keep' || value === 'remove' ? value : 'inherit')}
      />
    </FormDialog>
  );
}

/** What the dialog shows of a folder that says, or does not say, whether it keeps metadata. */
function metadataChoice(keepsMetadata: boolean | null | undefined): 'inherit' | 'keep' | 'remove' {
  if (keepsMetadata === undefined || keepsMetadata === null) return 'inherit';
  return keepsMetadata ? 'keep' : 'remove';
}

function DeleteFolder({ folder, onClose }: { folder: Folder; onClose: () => void }) {
  const { t } = useTranslation('media');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => deleteFolder(folder.id, folder.filesBelow > 0 || folder.folders > 0),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ASSETS_KEY });
      void navigate(libraryAddress.to({}));
      onClose();
    },
  });
  return (
    <FormDialog
      title={t('folder.deleteTitle', { name: folder.name })}
      onClose={onClose}
      onSubmit={() => remove.mutate()}
      pending={remove.isPending}
      error={remove.error}
      submit={t('folder.delete')}
      danger
    >
      {folder.filesBelow > 0 ? (
        <Alert color="red">{t('folder.deleteFiles', { count: folder.filesBelow })}</Alert>
      ) : (
        <Text size="sm">{t('folder.deleteEmpty')}</Text>
      )}
    </FormDialog>
  );
}
