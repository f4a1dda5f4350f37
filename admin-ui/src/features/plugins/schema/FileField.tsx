import { ActionIcon, Button, Group, Input, Stack, Text } from '@mantine/core';
import { IconPhoto, IconX } from '@tabler/icons-react';
import { useQueries } from '@tanstack/react-query';
import { Suspense, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { assetQuery } from '@/api/assets';
import type { MediaType } from '@/api/model';
import type { MediaItem } from '@/fields/form/values';
import { FileRow } from '@/fields/media/FileRow';
import { asMediaItem } from '@/fields/media/files';
import classes from '@/fields/media/Media.module.css';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { lazyPart } from '@/ui/lazyPart';
import { isMissing, isRefusal, type ReferenceProps } from './references';

const Picker = lazyPart(() => import('@/fields/media/Picker'));

/** Chooses files of the media library. The value is a file's document id, as the contract of plugins names files. */
export function FileField({
  label,
  description,
  error,
  disabled,
  required,
  values,
  many,
  maxItems,
  onChange,
  allowed,
}: ReferenceProps & { allowed: readonly MediaType[] }) {
  const { t } = useTranslation(['plugin', 'fields']);
  const id = useId();
  const [picking, setPicking] = useState(false);
  // What was chosen here has been read already.
  const [known, setKnown] = useState<readonly MediaItem[]>([]);
  const knownFile = (documentId: string) => known.find((file) => file.documentId === documentId);
  const reads = useQueries({
    queries: values.map((documentId) => ({ ...assetQuery(documentId), enabled: !knownFile(documentId) })),
  });
  const files = values.map((documentId, at) => {
    const { data, error: failure } = reads[at] ?? {};
    // A file in the trash is found by its id all the same.
    const file = knownFile(documentId) ?? (data && data.deletedAt === null ? asMediaItem(data) : undefined);
    const forbidden = isRefusal(failure);
    const gone = !file && (data !== undefined || isMissing(failure));
    return { documentId, file, forbidden, gone };
  });
  const failed = reads.filter(({ isError, error: failure }) => isError && !isRefusal(failure) && !isMissing(failure));
  const full = many && values.length >= (maxItems ?? Number.POSITIVE_INFINITY);
  const clearable = !disabled && (many || !required);
  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      labelProps={{ id: `${id}-label` }}
      description={description}
      error={error}
      withAsterisk={required}
    >
      <Stack gap="xs" role="group" aria-labelledby={`${id}-label`}>
        {files.length > 0 && (
          <ul className={classes.files}>
            {files.map(({ documentId, file, forbidden, gone }) => {
              const called = file?.name ?? documentId;
              const remove = clearable && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t('fields:media.remove', { name: called })}
                  onClick={() => onChange(values.filter((each) => each !== documentId))}
                >
                  <IconX size={16} aria-hidden />
                </ActionIcon>
              );
              if (file) return <FileRow key={documentId} file={file} actions={remove} />;
              return (
                <li key={documentId} className={classes.file}>
                  <div className={classes.facts}>
                    <div className={classes.name}>{documentId}</div>
                    {(forbidden || gone) && (
                      <Text size="xs" c="orange">
                        {t(forbidden ? 'schema.file.forbidden' : 'schema.file.gone')}
                      </Text>
                    )}
                  </div>
                  {remove}
                </li>
              );
            })}
          </ul>
        )}
        {!disabled && !full && (
          <Group>
            <Button
              size="xs"
              variant="light"
              leftSection={<IconPhoto size={16} aria-hidden />}
              onClick={() => setPicking(true)}
            >
              {t(files.length > 0 && !many ? 'fields:media.replace' : 'fields:media.choose')}
            </Button>
          </Group>
        )}
        {failed[0] && (
          <ErrorMessage error={failed[0].error} retry={() => failed.forEach(({ refetch }) => void refetch())} />
        )}
      </Stack>
      <Suspense>
        {picking && (
          <Picker
            multiple={many}
            allowed={allowed}
            onClose={() => setPicking(false)}
            onPick={(picked) => {
              setPicking(false);
              setKnown([...known, ...picked]);
              const ids = picked.flatMap(({ documentId }) => documentId ?? []);
              onChange(many ? [...new Set([...values, ...ids])].slice(0, maxItems) : ids.slice(0, 1));
            }}
          />
        )}
      </Suspense>
    </Input.Wrapper>
  );
}
