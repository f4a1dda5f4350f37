import { Menu } from '@mantine/core';
import {
  IconArrowLeft,
  IconArrowRight,
  IconArrowsHorizontal,
  IconEyeOff,
  IconPin,
  IconPinnedOff,
  IconSortAscending,
  IconSortDescending,
} from '@tabler/icons-react';
import { type PointerEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { announce } from '@/ui/live';
import { whenDraggable } from '@/ui/whenDraggable';
import { type TableColumn, MIN_COLUMN_WIDTH, MAX_COLUMN_WIDTH } from './columns';
import classes from './EntryTable.module.css';

/** What can be done with columns. */
export interface ColumnChanges {
  resize: (field: string, width: number) => void;
  pin: (field: string, pinned: boolean) => void;
  /** Puts a column before another, or at the end. */
  move: (field: string, before: string | null) => void;
  hide: (field: string) => void;
}

interface Props {
  column: TableColumn;
  index: number;
  /** Its number among all columns, from one. */
  position: number;
  /** The columns around it, for moving by menu. */
  columns: readonly TableColumn[];
  sorted: 'asc' | 'desc' | undefined;
  onSort?: ((direction: 'asc' | 'desc') => void) | undefined;
  changes?: ColumnChanges | undefined;
  className?: string | undefined;
  left?: number | undefined;
}

/** A heading: its menu sorts, pins, moves, widens and hides; dragging moves and resizes as well. */
export function ColumnHead({ column, index, position, columns, sorted, onSort, changes, className, left }: Props) {
  const { t } = useTranslation('views');
  const head = useRef<HTMLDivElement>(null);
  const [over, setOver] = useState<'left' | 'right' | null>(null);
  useEffect(() => {
    const element = head.current;
    if (!element || !changes) return undefined;
    return whenDraggable(({ attachClosestEdge, combine, draggable, dropTargetForElements, extractClosestEdge }) =>
      combine(
        draggable({
          element,
          getInitialData: () => ({ column: column.field }),
          canDrag: ({ input }) => !isOnResizeEdge(element, input.clientX),
        }),
        dropTargetForElements({
          element,
          canDrop: ({ source }) => typeof source.data.column === 'string',
          getData: ({ input }) => attachClosestEdge({}, { element, input, allowedEdges: ['left', 'right'] }),
          onDrag: ({ self, source }) =>
            setOver(
              source.data.column === column.field ? null : (extractClosestEdge(self.data) as 'left' | 'right' | null),
            ),
          onDragLeave: () => setOver(null),
          onDrop: ({ self, source }) => {
            setOver(null);
            const moved = String(source.data.column);
            if (moved === column.field) return;
            const after = extractClosestEdge(self.data) === 'right';
            changes.move(moved, after ? (columns[index + 1]?.field ?? null) : column.field);
          },
        }),
      ),
    );
  }, [changes, column.field, columns, index]);

  const previous = columns[index - 1];
  const next = columns[index + 1];
  const resize = (width: number): void => {
    const bounded = Math.min(MAX_COLUMN_WIDTH, Math.max(MIN_COLUMN_WIDTH, Math.round(width)));
    changes?.resize(column.field, bounded);
    announce(t('column.width', { label: column.label, width: bounded }));
  };
  return (
    <div
      ref={head}
      role="columnheader"
      aria-colindex={position}
      aria-sort={sorted ? (sorted === 'asc' ? 'ascending' : 'descending') : undefined}
      className={`${classes.head} ${className ?? ''}`}
      style={left === undefined ? undefined : { insetInlineStart: left }}
      data-over={over ?? undefined}
    >
      <Menu position="bottom-start" withinPortal>
        <Menu.Target>
          <button type="button" className={classes.headButton}>
            <span>{column.label}</span>
            {sorted === 'asc' && <IconSortAscending size={14} aria-hidden />}
            {sorted === 'desc' && <IconSortDescending size={14} aria-hidden />}
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {onSort && column.sortable && (
            <>
              <Menu.Item leftSection={<IconSortAscending size={16} aria-hidden />} onClick={() => onSort('asc')}>
                {t('column.ascending')}
              </Menu.Item>
              <Menu.Item leftSection={<IconSortDescending size={16} aria-hidden />} onClick={() => onSort('desc')}>
                {t('column.descending')}
              </Menu.Item>
            </>
          )}
          {changes && (
            <>
              {onSort && column.sortable && <Menu.Divider />}
              <Menu.Item
                leftSection={
                  column.pinned ? <IconPinnedOff size={16} aria-hidden /> : <IconPin size={16} aria-hidden />
                }
                onClick={() => changes.pin(column.field, !column.pinned)}
              >
                {t(column.pinned ? 'column.unpin' : 'column.pin')}
              </Menu.Item>
              <Menu.Item
                leftSection={<IconArrowLeft size={16} aria-hidden />}
                disabled={previous?.pinned !== column.pinned}
                onClick={() => previous && changes.move(column.field, previous.field)}
              >
                {t('column.moveLeft')}
              </Menu.Item>
              <Menu.Item
                leftSection={<IconArrowRight size={16} aria-hidden />}
                disabled={next?.pinned !== column.pinned}
                onClick={() => next && changes.move(column.field, columns[index + 2]?.field ?? null)}
              >
                {t('column.moveRight')}
              </Menu.Item>
              <Menu.Item
                leftSection={<IconArrowsHorizontal size={16} aria-hidden />}
                closeMenuOnClick={false}
                onClick={() => resize(column.width + 40)}
              >
                {t('column.wider')}
              </Menu.Item>
              <Menu.Item
                leftSection={<IconArrowsHorizontal size={16} aria-hidden />}
                closeMenuOnClick={false}
                onClick={() => resize(column.width - 40)}
              >
                {t('column.narrower')}
              </Menu.Item>
              <Menu.Item
                leftSection={<IconEyeOff size={16} aria-hidden />}
                disabled={columns.length === 1}
                onClick={() => changes.hide(column.field)}
              >
                {t('column.hide')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {changes && <ResizeHandle width={column.width} onResize={(width) => changes.resize(column.field, width)} />}
    </div>
  );
}

/** The edge that is dragged; by keyboard the menu does the same. */
function ResizeHandle({ width, onResize }: { width: number; onResize: (width: number) => void }) {
  const [from, setFrom] = useState<{ x: number; width: number } | null>(null);
  const move = (event: PointerEvent): void => {
    if (from)
      onResize(Math.min(MAX_COLUMN_WIDTH, Math.max(MIN_COLUMN_WIDTH, Math.round(from.width + event.clientX - from.x))));
  };
  return (
    <div
      className={classes.resize}
      data-moving={from ? '' : undefined}
      onPointerDown={(event) => {
        event.preventDefault();
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
        setFrom({ x: event.clientX, width });
      }}
      onPointerMove={move}
      onPointerUp={() => setFrom(null)}
      onPointerCancel={() => setFrom(null)}
    />
  );
}

/** Whether a point is on the edge, where dragging resizes. */
function isOnResizeEdge(element: HTMLElement, x: number): boolean {
  return element.getBoundingClientRect().right - x < 10;
}
