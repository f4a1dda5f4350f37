import { Group } from '@mantine/core';
import { IconFile } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { MediaItem } from '../form/values';
import { pictureOf } from './files';
import classes from './Media.module.css';

/** A chosen file in a list: its picture, its name, and what can be done with it. */
export function FileRow({ file, actions }: { file: MediaItem; actions?: ReactNode }) {
  const { t } = useTranslation('fields');
  const picture = pictureOf(file);
  return (
    <li className={classes.file}>
      {picture ? (
        <img className={classes.picture} src={picture} alt={file.alternativeText ?? ''} loading="lazy" />
      ) : (
        <span className={classes.glyph}>
          <IconFile size={20} aria-hidden />
        </span>
      )}
      <div className={classes.facts}>
        <div className={classes.name}>{file.name}</div>
        <div className={classes.dim}>
          {file.width && file.height ? `${file.width} × ${file.height}` : file.mime}
          {file.mime?.startsWith('image/') && !file.alternativeText && (
            <span className={classes.warning}> · {t('media.noAlt')}</span>
          )}
        </div>
      </div>
      {actions && (
        <Group gap={2} wrap="nowrap">
          {actions}
        </Group>
      )}
    </li>
  );
}
