import { IconFile } from '@tabler/icons-react';
import type { MediaItem } from '../form/values';
import { NoValue, TextCell } from '../shared/Cells';
import classes from '../shared/Cells.module.css';
import type { CellProps } from '../types';
import { pictureOf } from './files';

/** Small pictures of the first files. */
export function Cell({ value }: CellProps) {
  const files = (Array.isArray(value) ? value : value ? [value] : []) as MediaItem[];
  const [first] = files;
  if (!first) return <NoValue />;
  return (
    <span style={{ display: 'inline-flex', gap: 4, alignItems: 'center' }}>
      {files.slice(0, 3).map((file) => {
        const picture = pictureOf(file);
        return picture ? (
          <img
            key={file.id}
            className={classes.thumbnail}
            src={picture}
            alt={file.alternativeText ?? file.name}
            loading="lazy"
          />
        ) : (
          <IconFile key={file.id} size={20} aria-label={file.name} />
        );
      })}
      {files.length > 3 ? (
        <span>+{files.length - 3}</span>
      ) : (
        files.length === 1 && !pictureOf(first) && <TextCell value={first.name} />
      )}
    </span>
  );
}
