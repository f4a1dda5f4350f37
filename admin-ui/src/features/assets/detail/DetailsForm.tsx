import { Button, Checkbox, Group, Stack, TagsInput, Text, TextInput, Title } from '@mantine/core';
import { IconCrosshair, IconDownload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  ASSETS_KEY,
  type AssetChange,
  type AssetDetail,
  type AssetTexts,
  assetQuery,
  changeAsset,
  foldersQuery,
  tagsQuery,
} from '@/api/assets';
import { useSession } from '@/api/session';
import { UnsavedChangesDialog } from '@/features/settings';
import { safeUrl } from '@/fields/media/files';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { lazyPart } from '@/ui/lazyPart';
import { announce } from '@/ui/live';
import { FolderSelect } from '../FolderSelect';
import { changesOf, type EditedDetails, readDetails } from './assetChanges';

const FocalPoint = lazyPart(() => import('@/fields/media/FocalPoint'));

/** What is said of a file, in each language, and where it is kept. Saved as a whole. */
export function DetailsForm({ file: latest }: { file: AssetDetail }) {
  const { t } = useTranslation('media');
  const queries = useQueryClient();
  const { locales } = useSession();
  const folders = useQuery(foldersQuery);
  const tags = useQuery(tagsQuery);
  // What is typed is compared with the version it was typed into, and stays when others change the file meanwhile.
  const [file, setFile] = useState(latest);
  const [edited, setEdited] = useState(() => readDetails(latest));
  const [pointing, setPointing] = useState(false);
  const changes = changesOf(file, edited);
  const dirty = Object.keys(changes).length > 0;
  if (latest.version !== file.version && !dirty) {
    setFile(latest);
    setEdited(readDetails(latest));
  }
  const save = useMutation({
    mutationFn: async (sent: AssetChange) => {
      await changeAsset(file.documentId, sent);
      return queries.fetchQuery({ ...assetQuery(file.documentId), staleTime: 0 });
    },
    onSuccess: async (saved) => {
      setFile(saved);
      setEdited(readDetails(saved));
      announce(t('saved'));
      await queries.invalidateQueries({ queryKey: ASSETS_KEY });
    },
  });
  const set = (part: Partial<EditedDetails>): void => {
    save.reset();
    setEdited((now) => ({ ...now, ...part }));
  };
  const setText = (locale: string, change: Partial<AssetTexts>): void => {
    save.reset();
    setEdited((now) => ({
      ...now,
      texts: {
        ...now.texts,
        [locale]: { alternativeText: null, caption: null, ...now.texts[locale], ...change },
      },
    }));
  };
  const { name, folder, tags: editedTags, private: isPrivate, texts } = edited;
  const several = locales.available.length > 1;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(changes);
      }}
    >
      <UnsavedChangesDialog
        dirty={dirty && !save.isPending}
        isLeaving={({ current, next }) =>
          current.pathname !== next.pathname || fileOf(next.search) !== fileOf(current.search)
        }
        save={() => save.mutateAsync(changes)}
      />
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
              onChange={(event) => setText(code, { alternativeText: event.currentTarget.value || null })}
            />
            <TextInput
              label={several ? t('captionIn', { language }) : t('caption')}
              lang={code}
              value={texts[code]?.caption ?? ''}
              onChange={(event) => setText(code, { caption: event.currentTarget.value || null })}
            />
          </Stack>
        ))}
        <TextInput label={t('name')} value={name} onChange={(event) => set({ name: event.currentTarget.value })} />
        <FolderSelect
          label={t('folder.one')}
          none={t('folder.none')}
          folders={folders.data ?? []}
          value={folder}
          onChange={(chosen) => set({ folder: chosen })}
        />
        <TagsInput
          label={t('tags')}
          data={(tags.data ?? []).map(({ tag }) => tag)}
          value={editedTags}
          onChange={(words) => set({ tags: words })}
        />
        <Checkbox
          label={t('private')}
          description={t('privateHint')}
          checked={isPrivate}
          onChange={(event) => set({ private: event.currentTarget.checked })}
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
          {save.isSuccess && !dirty && (
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

/** The file that an address of the library opens. */
function fileOf(search: unknown): unknown {
  return (search as { file?: string }).file;
}
