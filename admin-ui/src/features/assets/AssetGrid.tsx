import { Badge, Checkbox } from '@mantine/core';
import { useElementSize, useMergedRef } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type MouseEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Asset } from '@/api/assets';
import { formatBytes, formatDate } from '@/ui/format';
import type { Target } from '@/app/address';
import classes from './Assets.module.css';
import { useDraggableFile } from './moving/useFileDrag';
import { Thumbnail } from './Thumbnail';
import type { LibraryLayout } from './LibraryFilters';

interface Props {
  files: readonly Asset[];
  layout: LibraryLayout;
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  hrefOf: (documentId: string) => Target;
  /** Asks for more; absent where there is no more. */
  onEnd: (() => void) | undefined;
  /** They can be dragged onto folders. */
  movable?: boolean;
}

const TILE = { width: 180, height: 204 };
const ROW = 52;

/** Files as tiles or lines. Only those near the window are drawn, however many there are. */
export function AssetGrid({ files, layout, selected, onSelect, hrefOf, onEnd, movable = false }: Props) {
  const { t } = useTranslation('media');
  const { ref, width } = useElementSize<HTMLDivElement>();
  const box = useRef<HTMLDivElement>(null);
  const merged = useMergedRef(ref, box);
  const [top, setTop] = useState(0);
  const last = useRef<number | null>(null);
  const columns = layout === 'list' ? 1 : Math.max(1, Math.floor((width || TILE.width) / TILE.width));
  const count = Math.ceil(files.length / columns);
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useWindowVirtualizer({
    count,
    estimateSize: () => (layout === 'list' ? ROW : TILE.height),
    overscan: 4,
    scrollMargin: top,
  });
  // What stands above it grows and shrinks: uploads, the bar of the selected.
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- whole pixels: the second time it is the same
  useLayoutEffect(() => {
    if (box.current) setTop(Math.round(box.current.getBoundingClientRect().top + window.scrollY));
  });
  const lines = virtual.getVirtualItems();
  const lastLine = lines.at(-1)?.index ?? 0;
  useEffect(() => virtual.measure(), [virtual, layout, columns]);
  useEffect(() => {
    if (onEnd && lastLine >= count - 3) onEnd();
  }, [onEnd, lastLine, count]);
  const toggle = (index: number, event: MouseEvent<HTMLInputElement>): void => {
    const file = files[index];
    if (!file) return;
    const next = new Set(selected);
    const on = !selected.has(file.documentId);
    // With Shift everything between the last one and this one.
    const [from, to] =
      event.shiftKey && last.current !== null
        ? [Math.min(last.current, index), Math.max(last.current, index)]
        : [index, index];
    for (const each of files.slice(from, to + 1)) {
      if (on) next.add(each.documentId);
      else next.delete(each.documentId);
    }
    last.current = index;
    onSelect(next);
  };
  return (
    <div
      ref={merged}
      className={classes.viewport}
      style={{ height: virtual.getTotalSize() }}
      role="list"
      aria-label={t('files')}
    >
      {lines.map((line) => (
        <div
          key={line.key}
          className={classes.line}
          role="presentation"
          style={{
            gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
            transform: `translateY(${line.start - virtual.options.scrollMargin}px)`,
          }}
        >
          {files.slice(line.index * columns, (line.index + 1) * columns).map((file, at) => {
            const Draw = layout === 'list' ? Line : Tile;
            const index = line.index * columns + at;
            return (
              <Draw
                key={file.documentId}
                file={file}
                target={hrefOf(file.documentId)}
                selected={selected.has(file.documentId)}
                carries={movable ? selected : undefined}
                onToggle={(event) => toggle(index, event)}
              />
            );
          })}
        </div>
      ))}
    </div>
  );
}

interface FileProps {
  file: Asset;
  target: Target;
  selected: boolean;
  /** What is dragged along with it; absent where it cannot be dragged. */
  carries: ReadonlySet<string> | undefined;
  onToggle: (event: MouseEvent<HTMLInputElement>) => void;
}

function Tile({ file, target, selected, carries, onToggle }: FileProps) {
  const { ref, dragged } = useDraggableFile(file.documentId, carries);
  return (
    <div
      ref={ref}
      className={classes.tile}
      role="listitem"
      data-selected={selected || undefined}
      data-dragged={dragged || undefined}
    >
      <Link {...target} className={classes.open} draggable={false}>
        <div className={classes.picture}>
          <Thumbnail file={file} />
        </div>
        <div className={classes.tileText}>
          <div className={classes.fileName} title={file.name}>
            {file.name}
          </div>
          <div className={classes.wide} style={{ width: 'auto' }}>
            {formatBytes(file.bytes)}
            {file.width && file.height ? ` · ${file.width} × ${file.height}` : ''}
          </div>
        </div>
      </Link>
      <div className={classes.check}>
        <SelectBox file={file} selected={selected} onToggle={onToggle} />
      </div>
      <div className={classes.badges}>
        <FileBadges file={file} />
      </div>
    </div>
  );
}

function Line({ file, target, selected, carries, onToggle }: FileProps) {
  const { t } = useTranslation('media');
  const { ref, dragged } = useDraggableFile(file.documentId, carries);
  return (
    <div
      ref={ref}
      className={classes.listRow}
      role="listitem"
      data-selected={selected || undefined}
      data-dragged={dragged || undefined}
    >
      <SelectBox file={file} selected={selected} onToggle={onToggle} />
      <div className={classes.small}>
        <Thumbnail file={file} />
      </div>
      <Link {...target} className={`${classes.open} ${classes.grow}`} title={file.name} draggable={false}>
        {file.name}
      </Link>
      <div className={classes.lineBadges}>
        <FileBadges file={file} />
      </div>
      <span className={classes.wide}>{file.folder?.name ?? t('folder.none')}</span>
      <span className={classes.wide}>{formatBytes(file.bytes)}</span>
      <span className={classes.wide}>{formatDate(file.deletedAt ?? file.addedAt)}</span>
    </div>
  );
}

function SelectBox({ file, selected, onToggle }: Pick<FileProps, 'file' | 'selected' | 'onToggle'>) {
  const { t } = useTranslation('media');
  return (
    <Checkbox
      size="sm"
      aria-label={t('select', { name: file.name })}
      checked={selected}
      onClick={onToggle}
      onChange={() => {}}
    />
  );
}

function FileBadges({ file }: { file: Asset }) {
  const { t } = useTranslation('media');
  return (
    <>
      {file.private && (
        <Badge size="sm" color="gray" variant="filled">
          {t('private')}
        </Badge>
      )}
      {file.duplicates > 0 && (
        <Badge size="sm" color="yellow" variant="filled">
          {t('duplicate')}
        </Badge>
      )}
      {file.kind === 'image' && !file.alternativeText && !file.deletedAt && (
        <Badge size="sm" color="orange" variant="filled">
          {t('noAlt')}
        </Badge>
      )}
    </>
  );
}
