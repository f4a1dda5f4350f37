import {
  Alert,
  Button,
  Checkbox,
  Drawer,
  Group,
  Select,
  Skeleton,
  Stack,
  TagsInput,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { IconCrosshair, IconDownload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  ASSETS_KEY,
  type AssetDetail,
  type AssetTexts,
  assetQuery,
  changeAsset,
  folderLabel,
  foldersQuery,
  tagsQuery,
} from '@/api/assets';
import { useSession } from '@/api/session';
import { safeUrl } from '@/fields/media/files';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatBytes, formatDateTime } from '@/ui/format';
import { lazyPart } from '@/ui/lazyPart';
import { announce } from '@/ui/live';
import classes from './Assets.module.css';
import { AddressSection } from './detail/AddressSection';
import { FateSection } from './detail/FateSection';
import { RightsSection } from './detail/RightsSection';
import { UsagesSection } from './detail/UsagesSection';
import { VersionsSection } from './detail/VersionsSection';
import { Thumbnail } from './Thumbnail';

const FocalPoint = lazyPart(() => import('@/fields/media/FocalPoint'));

interface Props {
  documentId: string;
  trash: boolean;
  onClose: () => void;
}

/** One file: what it is, what is said of it, where it is used, who may use it, what it was. */
export function AssetDrawer({ documentId, trash, onClose }: Props) {
  const { t } = useTranslation('media');
  const asset = useQuery(assetQuery(documentId));
  return (
    <Drawer
      opened
      onClose={onClose}
      size="lg"
      title={asset.data?.name ?? t('file')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {asset.error && <ErrorMessage error={asset.error} retry={() => void asset.refetch()} />}
      {asset.isPending && (
        <DelayedContent>
          <Skeleton h={300} />
        </DelayedContent>
      )}
      {asset.data && (
        <Stack gap="lg">
          <AssetPreview file={asset.data} />
          <AssetDetails file={asset.data} />
          {!trash && !asset.data.deletedAt && (
            <>
              <DetailsForm key={`${asset.data.documentId} ${asset.data.version}`} file={asset.data} />
              <UsagesSection documentId={documentId} />
              <RightsSection documentId={documentId} />
              {asset.data.url && <AddressSection file={asset.data} url={asset.data.url} />}
              <VersionsSection file={asset.data} />
            </>
          )}
          <FateSection file={asset.data} onGone={onClose} />
        </Stack>
      )}
    </Drawer>
  );
}

function AssetPreview({ file }: { file: AssetDetail }) {
  const url = safeUrl(file.url);
  if (!url || file.deletedAt) return null;
  return (
    <div className={classes.preview}>
      {file.kind === 'image' ? (
        <img src={url} alt={file.alternativeText ?? ''} />
      ) : file.kind === 'video' ? (
        // oxlint-disable-next-line jsx-a11y/media-has-caption -- a file of the library has none of its own
        <video src={url} controls preload="metadata" />
      ) : file.kind === 'audio' ? (
        // oxlint-disable-next-line jsx-a11y/media-has-caption -- a file of the library has none of its own
        <audio src={url} controls preload="metadata" />
      ) : (
        <Thumbnail file={file} />
      )}
    </div>
  );
}

function AssetDetails({ file }: { file: AssetDetail }) {
  const { t } = useTranslation('media');
  const rows: [string, string][] = [
    [t('facts.kind'), `${t(`kind.${file.kind}`)} (${file.mime})`],
    [t('facts.size'), formatBytes(file.bytes)],
    ...(file.width && file.height ? [[t('facts.pixels'), `${file.width} × ${file.height}`] as [string, string]] : []),
    [t('facts.added'), [formatDateTime(file.addedAt), file.addedBy.name].filter(Boolean).join(', ')],
    ...(file.deletedAt ? [[t('facts.deleted'), formatDateTime(file.deletedAt)] as [string, string]] : []),
  ];
  return (
    <div>
      <dl className={classes.facts}>
        {rows.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {file.duplicates > 0 && (
        <Alert color="yellow" mt="xs">
          {t('duplicates.of', { count: file.duplicates })}
        </Alert>
      )}
    </div>
  );
}

/** What is said of a file, in each language, and where it is kept. Saved as a whole. */
function DetailsForm({ file }: { file: AssetDetail }) {
  const { t } = useTranslation('media');
  const queries = useQueryClient();
  const { locales } = useSession();
  const folders = useQuery(foldersQuery);
  const tags = useQuery(tagsQuery);
  const [name, setName] = useState(file.name);
  const [folder, setFolder] = useState(String(file.folder?.id ?? 0));
  const [editedTags, setWords] = useState(file.tags);
  const [isPrivate, setPrivate] = useState(file.private);
  const [texts, setTexts] = useState(file.texts);
  const [pointing, setPointing] = useState(false);
  const save = useMutation({
    mutationFn: () => {
      const changed = Object.fromEntries(
        Object.entries(texts).filter(([locale, text]) => JSON.stringify(text) !== JSON.stringify(file.texts[locale])),
      );
      return changeAsset(file.documentId, {
        ...(name.trim() && name !== file.name ? { name: name.trim() } : {}),
        ...(Number(folder) === (file.folder?.id ?? 0) ? {} : { folder: Number(folder) }),
        ...(JSON.stringify(editedTags) === JSON.stringify(file.tags) ? {} : { tags: editedTags }),
        ...(isPrivate === file.private ? {} : { private: isPrivate }),
        ...(Object.keys(changed).length > 0 ? { texts: changed } : {}),
      });
    },
    onSuccess: async () => {
      announce(t('saved'));
      await queries.invalidateQueries({ queryKey: ASSETS_KEY });
    },
  });
  const set = (locale: string, change: Partial<AssetTexts>): void => {
    save.reset();
    setTexts((now) => ({ ...now, [locale]: { alternativeText: null, caption: null, ...now[locale], ...change } }));
  };
  const several = locales.available.length > 1;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="sm">
        <Title order={3}>{t('details')}</Title>
        {save.error && <ErrorMessage error={save.error} />}
        {locales.available.map(({ code, name: language }) => (
          <Stack gap="xs" key={code}>
            <TextInput
              label={several ? t('altIn', { language }) : t('alt')}
              description={code === locales.default ? t('altHint') : undefined}
              lang={code}
              value={texts[code]?.alternativeText ?? ''}
              onChange={(event) => set(code, { alternativeText: event.currentTarget.value || null })}
            />
            <TextInput
              label={several ? t('captionIn', { language }) : t('caption')}
              lang={code}
              value={texts[code]?.caption ?? ''}
              onChange={(event) => set(code, { caption: event.currentTarget.value || null })}
            />
          </Stack>
        ))}
        <TextInput label={t('name')} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Select
          label={t('folder.one')}
          searchable
          allowDeselect={false}
          data={[
            { value: '0', label: t('folder.none') },
            ...(folders.data ?? []).map((each) => ({ value: String(each.id), label: folderLabel(each) })),
          ]}
          value={folder}
          onChange={(value) => setFolder(value ?? '0')}
        />
        <TagsInput
          label={t('tags')}
          data={(tags.data ?? []).map(({ tag }) => tag)}
          value={editedTags}
          onChange={setWords}
        />
        <Checkbox
          label={t('private')}
          description={t('privateHint')}
          checked={isPrivate}
          onChange={(event) => setPrivate(event.currentTarget.checked)}
        />
        <Group>
          <Button type="submit" loading={save.isPending}>
            {t('save')}
          </Button>
          {file.kind === 'image' && (
            <Button
              variant="default"
              leftSection={<IconCrosshair size={16} aria-hidden />}
              onClick={() => setPointing(true)}
            >
              {t('focalPoint')}
            </Button>
          )}
          <Button
            variant="subtle"
            leftSection={<IconDownload size={16} aria-hidden />}
            component="a"
            href={safeUrl(file.url) ?? undefined}
            download={file.name}
          >
            {t('download')}
          </Button>
          {save.isSuccess && (
            <Text size="sm" c="dimmed">
              {t('saved')}
            </Text>
          )}
        </Group>
      </Stack>
      {pointing && (
        <Suspense>
          <FocalPoint
            documentId={file.documentId}
            onClose={() => setPointing(false)}
            onSaved={() => {
              setPointing(false);
              void queries.invalidateQueries({ queryKey: ASSETS_KEY });
            }}
          />
        </Suspense>
      )}
    </form>
  );
}
