import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconFile, IconUpload } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Asset, folderLabel, listAssets, listFolders } from '@/api/assets';
import { contentTypeOf, type MediaType } from '@/api/model';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { useFileDrop } from '@/ui/useFileDrop';
import { useMaybeForm } from '../form/context';
import type { MediaItem } from '../form/values';
import { acceptOf, asMediaItem, kindsOf, safeUrl } from './files';
import classes from './Media.module.css';
import { RunningUploads } from './RunningUploads';
import { useUploads } from './useUploads';

interface PickerProps {
  multiple: boolean;
  allowed: readonly MediaType[] | undefined;
  onClose: () => void;
  onPick: (files: MediaItem[]) => void;
}

/** Where it was last looked in: whoever adds one picture of an event often adds another. */
const lastFolder = 'cairn.mediaPicker.folder';

/** Chooses files of the library. */
export default function Picker({ multiple, allowed, onClose, onPick }: PickerProps) {
  const { t } = useTranslation('fields');
  const [search, setSearch] = useState('');
  const [debouncedSearch] = useDebouncedValue(search, 200);
  const [folder, setFolder] = useState<string | null>(() => sessionStorage.getItem(lastFolder));
  const [selected, setSelected] = useState<Asset[]>([]);
  const kind = kindsOf(allowed);
  const folders = useQuery({ queryKey: ['assets', 'folders'], queryFn: ({ signal }) => listFolders(signal) });
  const pages = useInfiniteQuery({
    queryKey: ['assets', 'picker', debouncedSearch, folder, kind],
    queryFn: ({ signal, pageParam }) =>
      listAssets(
        {
          limit: 48,
          ...(debouncedSearch ? { search: debouncedSearch } : {}),
          ...(folder && !debouncedSearch ? { folder: Number(folder) } : {}),
          ...(kind ? { kind } : {}),
          ...(pageParam ? { after: pageParam } : {}),
        },
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.after ?? undefined,
    placeholderData: keepPreviousData,
  });
  const queries = useQueryClient();
  const form = useMaybeForm();
  const [uploaded, setUploaded] = useState<Asset[]>([]);
  const dialog = useRef<HTMLInputElement>(null);
  const uploads = useUploads({
    allowed,
    multiple,
    isPrivate: form !== null && contentTypeOf(form.model, form.uid)?.privateFiles === true,
    ...(folder ? { folder: Number(folder) } : {}),
    // What is uploaded here is what is looked for.
    onArrived: (asset) => {
      setUploaded((old) => [asset, ...old]);
      setSelected((old) => (multiple ? [...old, asset] : [asset]));
      void queries.invalidateQueries({ queryKey: ['assets'] });
    },
  });
  const drop = useFileDrop(uploads.upload);
  const listed = pages.data?.pages.flatMap((page) => page.files) ?? [];
  const files = [...uploaded, ...listed.filter((file) => !uploaded.some((each) => each.id === file.id))];
  const toggle = (file: Asset) => {
    const isSelected = selected.some((each) => each.id === file.id);
    setSelected(isSelected ? selected.filter((each) => each.id !== file.id) : multiple ? [...selected, file] : [file]);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={t('media.pickerTitle')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {/* Dropping and pasting are second ways: the button does the same. */}
      <Stack
        gap="sm"
        className={classes.dropInto}
        data-over={drop.isOver || undefined}
        {...drop.handlers}
        onPaste={(event) => {
          // Text goes into the search.
          if (event.clipboardData.files.length === 0) return;
          event.preventDefault();
          uploads.upload(event.clipboardData.files);
        }}
      >
        <Group gap="xs" align="end">
          <TextInput
            data-autofocus
            flex={1}
            label={t('media.search')}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <Select
            label={t('media.folder')}
            placeholder={t('media.allFolders')}
            clearable
            searchable
            data={(folders.data ?? []).map((each) => ({ value: String(each.id), label: folderLabel(each) }))}
            value={folder}
            onChange={(next) => {
              setFolder(next);
              if (next) sessionStorage.setItem(lastFolder, next);
              else sessionStorage.removeItem(lastFolder);
            }}
          />
          <Button
            variant="default"
            leftSection={<IconUpload size={16} aria-hidden />}
            onClick={() => dialog.current?.click()}
          >
            {t('media.upload')}
          </Button>
          <input
            ref={dialog}
            type="file"
            hidden
            aria-hidden
            tabIndex={-1}
            multiple={multiple}
            accept={acceptOf(allowed)}
            onChange={(event) => {
              if (event.currentTarget.files) uploads.upload(event.currentTarget.files);
              event.currentTarget.value = '';
            }}
          />
        </Group>
        <span className={classes.dim}>{t('media.dropOrPaste')}</span>
        <RunningUploads uploads={uploads} />
        {pages.isError && <ErrorMessage error={pages.error} retry={() => void pages.refetch()} />}
        {pages.isSuccess && files.length === 0 && (
          <p className={classes.dim}>{t(debouncedSearch ? 'media.noneFound' : 'media.none')}</p>
        )}
        <ul className={classes.grid}>
          {files.map((file) => {
            const picture = file.kind === 'image' ? safeUrl(file.thumbnailUrl ?? file.url) : null;
            return (
              <li key={file.id}>
                <button
                  type="button"
                  className={classes.tile}
                  aria-pressed={selected.some((each) => each.id === file.id)}
                  onClick={() => toggle(file)}
                  onDoubleClick={() => onPick([asMediaItem(file)])}
                >
                  {picture ? (
                    <img src={picture} alt={file.alternativeText ?? ''} loading="lazy" />
                  ) : (
                    <span className={classes.glyph}>
                      <IconFile size={24} aria-hidden />
                    </span>
                  )}
                  <div className={classes.name}>{file.name}</div>
                </button>
              </li>
            );
          })}
        </ul>
        {pages.hasNextPage && (
          <Button variant="subtle" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
            {t('more')}
          </Button>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button disabled={selected.length === 0 || uploads.busy} onClick={() => onPick(selected.map(asMediaItem))}>
            {t('media.pick', { count: selected.length })}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
