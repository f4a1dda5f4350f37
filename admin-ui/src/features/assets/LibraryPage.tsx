import { Anchor, Button, FileButton, Group, Skeleton, Text } from '@mantine/core';
import { IconPhoto, IconTrash, IconUpload } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type DragEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ASSETS_KEY, type AssetQuery, assetsQuery } from '@/api/assets';
import { usePreference } from '@/api/preferences';
import { DelayedContent } from '@/ui/DelayedContent';
import { useHasPermission } from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { announce } from '@/ui/live';
import { PageTitle } from '@/ui/PageTitle';
import { AssetDrawer } from './AssetDrawer';
import classes from './Assets.module.css';
import { AssetGrid } from './AssetGrid';
import { BulkBar } from './BulkBar';
import { FolderTree } from './FolderTree';
import { LibraryFilters, type LibraryLayout } from './LibraryFilters';
import { useMoveFiles } from './moving/useMoveFiles';
import { duplicatesAddress, expiringAddress, libraryAddress, type LibrarySearch } from './addresses';
import { UploadPanel } from './uploads/UploadPanel';
import { uploads, useUploads } from './uploads/uploads';

const NO_SELECTION: ReadonlySet<string> = new Set();

/** All files: found, looked at, put in order, uploaded. */
export default function LibraryPage() {
  const { t } = useTranslation('media');
  const search = libraryAddress.useSearch();
  const setSearch = libraryAddress.useSetSearch();
  const [layout, setLayout] = usePreference<LibraryLayout>('media.layout', (stored) =>
    stored === 'list' ? 'list' : 'grid',
  );
  const query = useMemo(() => queryOf(search), [search]);
  const pages = useInfiniteQuery({ ...assetsQuery(query), placeholderData: keepPreviousData });
  const files = useMemo(() => pages.data?.pages.flatMap((page) => page.files) ?? [], [pages.data]);
  const add = useCallback(
    (picked: readonly File[]) => {
      if (picked.length === 0) return;
      uploads.add(picked, search.folder || undefined);
      announce(t('upload.begun', { count: picked.length }));
    },
    [search.folder, t],
  );
  useArrivals();
  usePasted(add, !search.trash);
  // What is selected is what is seen: another folder begins with nothing.
  const scope = JSON.stringify(query);
  const [selection, setSelection] = useState<{ scope: string; ids: ReadonlySet<string> }>({ scope, ids: NO_SELECTION });
  const selected = selection.scope === scope ? selection.ids : NO_SELECTION;
  const setSelected = (ids: ReadonlySet<string>): void => setSelection({ scope, ids });
  const mayMove = useHasPermission('media.update');
  const { move, error: notMoved } = useMoveFiles(() => setSelected(NO_SELECTION));
  const filtered = Boolean(search.q || search.kind || search.tag || search.only);
  const selectedFiles = files.filter((file) => selected.has(file.documentId));
  return (
    <DropArea onFiles={add} disabled={search.trash === true}>
      <PageTitle
        title={t(search.trash ? 'trash.title' : 'title')}
        actions={
          <Group gap="xs">
            <Anchor size="sm" renderRoot={(props) => <Link {...expiringAddress.to({})} {...props} />}>
              {t('expiring.title')}
            </Anchor>
            <Anchor size="sm" renderRoot={(props) => <Link {...duplicatesAddress.to({})} {...props} />}>
              {t('duplicates.title')}
            </Anchor>
            <Button
              variant="default"
              leftSection={<IconTrash size={16} aria-hidden />}
              renderRoot={(props) => (
                <Link {...libraryAddress.to({}, search.trash ? {} : { trash: true })} {...props} />
              )}
            >
              {t(search.trash ? 'trash.leave' : 'trash.title')}
            </Button>
            {!search.trash && (
              <FileButton multiple onChange={add}>
                {(props) => (
                  <Button {...props} leftSection={<IconUpload size={16} aria-hidden />}>
                    {t('upload.choose')}
                  </Button>
                )}
              </FileButton>
            )}
          </Group>
        }
      >
        <Text size="sm" c="dimmed">
          {t(search.trash ? 'trash.lead' : 'lead')}
        </Text>
      </PageTitle>
      <div className={classes.columns} data-single={search.trash || undefined}>
        {!search.trash && <FolderTree current={search.folder} onMove={mayMove ? move : undefined} />}
        <div className={classes.content}>
          <UploadPanel />
          <LibraryFilters layout={layout} onLayout={setLayout} />
          <BulkBar
            selected={selectedFiles}
            trash={search.trash === true}
            onDone={() => setSelected(NO_SELECTION)}
            onAll={files.length > 0 ? () => setSelected(new Set(files.map((file) => file.documentId))) : undefined}
          />
          {notMoved != null && <ErrorMessage error={notMoved} title={t('bulk.notMoved')} />}
          {pages.error && (
            <ErrorMessage error={pages.error} title={t('unreadable')} retry={() => void pages.refetch()} />
          )}
          {pages.isPending && (
            <DelayedContent>
              <Skeleton h={240} />
            </DelayedContent>
          )}
          {pages.isSuccess && files.length === 0 && (
            <EmptyState
              icon={IconPhoto}
              title={t(search.trash ? 'trash.empty' : filtered ? 'none.found' : 'none.title')}
              action={
                filtered && (
                  <Button
                    variant="default"
                    onClick={() => setSearch({ q: undefined, kind: undefined, tag: undefined, only: undefined })}
                  >
                    {t('filter.clear')}
                  </Button>
                )
              }
            >
              {!search.trash && t(filtered ? 'none.foundHint' : 'none.hint')}
            </EmptyState>
          )}
          {files.length > 0 && (
            <AssetGrid
              files={files}
              layout={layout}
              selected={selected}
              onSelect={setSelected}
              movable={mayMove && !search.trash}
              hrefOf={(documentId) => libraryAddress.to({}, { ...search, file: documentId })}
              onEnd={pages.hasNextPage && !pages.isFetchingNextPage ? () => void pages.fetchNextPage() : undefined}
            />
          )}
        </div>
      </div>
      {search.file && (
        <AssetDrawer
          key={search.file}
          documentId={search.file}
          trash={search.trash === true}
          onClose={() => setSearch({ file: undefined })}
        />
      )}
    </DropArea>
  );
}

function queryOf(search: LibrarySearch): AssetQuery {
  return {
    ...(search.q ? { search: search.q } : {}),
    ...(search.folder !== undefined && !search.q ? { folder: search.folder } : {}),
    ...(search.folder && search.q ? { folder: search.folder, recursive: true } : {}),
    ...(search.kind ? { kind: search.kind } : {}),
    ...(search.tag ? { tag: search.tag } : {}),
    ...(search.only === 'unused' ? { unused: true } : {}),
    ...(search.only === 'alt' ? { missing: 'alt' } : {}),
    ...(search.only === 'private' ? { private: true } : {}),
    ...(search.trash ? { trash: true } : {}),
    ...(search.sort ? { sort: search.sort } : {}),
  };
}

/** Reads the lists again when a file has arrived, and warns who leaves while files are on their way. */
function useArrivals(): void {
  const queries = useQueryClient();
  const items = useUploads();
  const arrived = items.filter((item) => item.state === 'done').length;
  const busy = items.some((item) => item.state === 'sending' || item.state === 'waiting');
  useEffect(() => {
    if (arrived > 0) void queries.invalidateQueries({ queryKey: ASSETS_KEY });
  }, [arrived, queries]);
  useEffect(() => {
    if (!busy) return undefined;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [busy]);
}

/** Files pasted anywhere on the page, where nobody is typing. */
function usePasted(add: (files: readonly File[]) => void, on: boolean): void {
  useEffect(() => {
    if (!on) return undefined;
    const pasted = (event: ClipboardEvent): void => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      add(files);
    };
    document.addEventListener('paste', pasted);
    return () => document.removeEventListener('paste', pasted);
  }, [add, on]);
}

function DropArea({
  onFiles,
  disabled,
  children,
}: {
  onFiles: (files: readonly File[]) => void;
  disabled: boolean;
  children: React.ReactNode;
}) {
  const { t } = useTranslation('media');
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const carries = (event: DragEvent): boolean => !disabled && event.dataTransfer.types.includes('Files');
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- files dropped here can also be chosen by the button
    <div
      className={classes.drop}
      onDragEnter={(event) => {
        if (!carries(event)) return;
        depth.current += 1;
        setOver(true);
      }}
      onDragOver={(event) => {
        if (carries(event)) event.preventDefault();
      }}
      onDragLeave={() => {
        depth.current = Math.max(0, depth.current - 1);
        if (depth.current === 0) setOver(false);
      }}
      onDrop={(event) => {
        depth.current = 0;
        setOver(false);
        if (!carries(event)) return;
        event.preventDefault();
        onFiles([...event.dataTransfer.files]);
      }}
    >
      {children}
      {over && <div className={classes.dropHint}>{t('upload.drop')}</div>}
    </div>
  );
}
