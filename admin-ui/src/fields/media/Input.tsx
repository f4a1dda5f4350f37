import { ActionIcon, Button, Input as Wrapper } from '@mantine/core';
import { IconCrosshair, IconPhoto, IconUpload, IconX } from '@tabler/icons-react';
import { Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { contentTypeOf } from '@/api/model';
import { lazyPart } from '@/ui/lazyPart';
import { useFileDrop } from '@/ui/useFileDrop';
import { useMaybeForm } from '../form/context';
import type { MediaItem } from '../form/values';
import { useInputProps } from '../shared/inputProps';
import { MoveButtons } from '../shared/MoveButtons';
import type { InputProps } from '../types';
import { FileRow } from './FileRow';
import { acceptOf, asMediaItem, pictureOf } from './files';
import classes from './Media.module.css';
import { RunningUploads } from './RunningUploads';
import { useUploads } from './useUploads';

const Picker = lazyPart(() => import('./Picker'));
const FocalPoint = lazyPart(() => import('./FocalPoint'));

/** Files of the media library: chosen, or dropped here and uploaded. */
export function Input(props: InputProps<MediaItem[] | null>) {
  const { t } = useTranslation('fields');
  const { attribute, onChange, disabled = false, label } = props;
  const files = props.value ?? [];
  const form = useMaybeForm();
  const isPrivate = form !== null && contentTypeOf(form.model, form.uid)?.privateFiles === true;
  const { id, description, error, withAsterisk } = useInputProps(props);
  const [picking, setPicking] = useState(false);
  const [focal, setFocal] = useState<MediaItem | null>(null);
  // Uploads end later, when others may have been added.
  const latestFiles = useRef(files);
  useEffect(() => {
    latestFiles.current = files;
  });
  const dialog = useRef<HTMLInputElement>(null);

  const add = (added: MediaItem[]) => {
    const fresh = added.filter((file) => !latestFiles.current.some((each) => each.id === file.id));
    const next = attribute.multiple ? [...latestFiles.current, ...fresh] : added.slice(0, 1);
    latestFiles.current = next;
    onChange(next);
  };
  const uploads = useUploads({
    allowed: attribute.allowedTypes,
    multiple: attribute.multiple ?? false,
    isPrivate,
    onArrived: (asset) => add([asMediaItem(asset)]),
  });
  const { upload } = uploads;
  const drop = useFileDrop(upload);
  const place = (at: number, to: number) => {
    const moved = files[at];
    if (moved) onChange(files.toSpliced(at, 1).toSpliced(to, 0, moved));
  };

  return (
    <Wrapper.Wrapper
      label={label}
      labelElement="div"
      labelProps={{ id: `${id}-label` }}
      description={description}
      error={error}
      withAsterisk={withAsterisk}
    >
      <div id={id} role="group" aria-labelledby={`${id}-label`} tabIndex={-1}>
        <ul className={classes.files}>
          {files.map((file, at) => {
            const picture = pictureOf(file);
            return (
              <FileRow
                key={file.id}
                file={file}
                actions={
                  !disabled && (
                    <>
                      {files.length > 1 && (
                        <MoveButtons name={file.name} at={at} count={files.length} onMove={(to) => place(at, to)} />
                      )}
                      {picture && file.documentId && (
                        <ActionIcon
                          variant="subtle"
                          color="gray"
                          aria-label={t('media.describe', { name: file.name })}
                          onClick={() => setFocal(file)}
                        >
                          <IconCrosshair size={16} aria-hidden />
                        </ActionIcon>
                      )}
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={t('media.remove', { name: file.name })}
                        onClick={() => onChange(files.filter((each) => each.id !== file.id))}
                      >
                        <IconX size={16} aria-hidden />
                      </ActionIcon>
                    </>
                  )
                }
              />
            );
          })}
        </ul>
        {!disabled && (
          // Dropping is a second way: the buttons inside do the same.
          // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
          <div
            className={classes.drop}
            style={{ marginBlockStart: files.length > 0 ? 6 : 0 }}
            data-over={drop.isOver || undefined}
            {...drop.handlers}
          >
            <Button
              size="xs"
              variant="light"
              leftSection={<IconPhoto size={16} aria-hidden />}
              onClick={() => setPicking(true)}
            >
              {t(files.length > 0 && !attribute.multiple ? 'media.replace' : 'media.choose')}
            </Button>
            <Button
              size="xs"
              variant="subtle"
              leftSection={<IconUpload size={16} aria-hidden />}
              onClick={() => dialog.current?.click()}
            >
              {t('media.upload')}
            </Button>
            <span className={classes.dim}>{t(isPrivate ? 'media.dropPrivate' : 'media.drop')}</span>
            <input
              ref={dialog}
              type="file"
              hidden
              aria-hidden
              tabIndex={-1}
              multiple={attribute.multiple ?? false}
              accept={acceptOf(attribute.allowedTypes)}
              onChange={(event) => {
                if (event.currentTarget.files) upload(event.currentTarget.files);
                event.currentTarget.value = '';
              }}
            />
          </div>
        )}
        <RunningUploads uploads={uploads} />
        <Suspense>
          {picking && (
            <Picker
              multiple={attribute.multiple ?? false}
              allowed={attribute.allowedTypes}
              onClose={() => setPicking(false)}
              onPick={(picked) => {
                setPicking(false);
                add(picked);
              }}
            />
          )}
          {focal?.documentId && (
            <FocalPoint
              documentId={focal.documentId}
              onClose={() => setFocal(null)}
              onSaved={(saved) => {
                setFocal(null);
                onChange(
                  files.map((file) =>
                    file.id === saved.id ? { ...file, alternativeText: saved.alternativeText } : file,
                  ),
                );
              }}
            />
          )}
        </Suspense>
      </div>
    </Wrapper.Wrapper>
  );
}
