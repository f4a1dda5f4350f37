import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  type ReactNode,
  useCallback,
  useEffect,
  useId,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
  type Ref,
} from 'react';
import type { Entry } from '@/api/content';
import type { ContentType } from '@/api/model';
import { lazyPart } from '@/ui/lazyPart';
import { PartBoundary } from '@/ui/PartBoundary';
import type { Sort } from '../definition';
import type { EntryRow, EntryRows } from '../entries/useEntryRows';
import type { ColumnChanges } from './ColumnHead';
import { BoneRow } from './BoneRow';
import type { TableColumn } from './columns';
import classes from './EntryTable.module.css';
import { TableHead } from './TableHead';
import { TableRow } from './TableRow';
import { useGridKeys } from './useGridKeys';

/** With the inputs of all kinds, which nobody needs to read a list: they come once somebody is in the table. */
const InlineEdit = lazyPart(async () => ({ default: (await import('./InlineEdit')).InlineEdit }));

/** Which rows are chosen. */
export interface RowSelection {
  has: (documentId: string) => boolean;
  size: number;
  toggle: (entry: Entry) => void;
  /** Those between the last one toggled and this. */
  extend: (entries: readonly Entry[]) => void;
  /** All that the list has, loaded or not. */
  all: () => void;
  clear: () => void;
}

/** Editing in place. */
export interface CellEditing {
  /** Whether the field can be edited in a table. */
  can: (field: string) => boolean;
  save: (entry: Entry, field: string, value: unknown) => Promise<void>;
}

/** What a page can make a table do. */
export interface TableHandle {
  focus: () => void;
  step: (by: number) => void;
  select: () => void;
}

interface Props {
  type: ContentType;
  label: string;
  columns: readonly TableColumn[];
  rows: EntryRows;
  /** In pixels. */
  rowHeight: number;
  /** The address of an entry's page. */
  href: (entry: Entry) => string;
  open: (entry: Entry, inNewTab: boolean) => void;
  sort?: Sort | undefined;
  onSort?: ((sort: Sort) => void) | undefined;
  changes?: ColumnChanges | undefined;
  selection?: RowSelection | undefined;
  editing?: CellEditing | undefined;
  /** Shows an entry beside the list: `null` puts it away. */
  peek?: { entry: Entry | null; show: (entry: Entry | null) => void } | undefined;
  /** The menu at the end of a row. */
  menu?: ((row: EntryRow) => ReactNode) | undefined;
  ref?: Ref<TableHandle>;
}

/** Rows that are drawn above and below what is in view. */
const OVERSCAN = 6;

const SELECT = 40;
const ACTIONS = 44;

/** A table of entries of whatever length: rows are drawn, and fetched, where they are looked at. */
export function EntryTable({
  type,
  label,
  columns,
  rows,
  rowHeight,
  href,
  open,
  sort,
  onSort,
  changes,
  selection,
  editing,
  peek,
  menu,
  ref,
}: Props) {
  const id = useId();
  const grid = useRef<HTMLDivElement>(null);
  const anchor = useRef(0);
  const [edited, setEdited] = useState<{ row: number; field: string } | null>(null);
  const edit = useCallback((row: number, field: string) => {
    // Shown if it cannot be loaded as well: it says so in its place.
    const show = (): void => setEdited({ row, field });
    void InlineEdit.preload().then(show, show);
  }, []);
  // It draws again whenever somebody scrolls, and what it is handed is memoised by hand.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: rows.total,
    getScrollElement: () => grid.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    useFlushSync: false,
    // The heading lies over the first rows.
    scrollPaddingStart: rowHeight,
  });
  useEffect(() => virtual.measure(), [virtual, rowHeight]);
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const { setVisibleRange } = rows;
  useEffect(() => setVisibleRange(first, last), [setVisibleRange, first, last]);

  const extend = (to: number): void => {
    if (!selection) return;
    const [from, until] = [Math.min(anchor.current, to), Math.max(anchor.current, to)];
    const between: Entry[] = [];
    for (let index = from; index <= until; index += 1) {
      const row = rows.at(index);
      if (row) between.push(row.entry);
    }
    selection.extend(between);
  };
  const select = (index: number, mode: 'toggle' | 'extend'): void => {
    const row = rows.at(index);
    if (!selection || !row) return;
    if (mode === 'extend') return extend(index);
    anchor.current = index;
    selection.toggle(row.entry);
  };
  const keys = useGridKeys({
    rows: rows.total,
    columns: columns.length,
    screen: () => Math.max(1, Math.floor((grid.current?.clientHeight ?? 0) / rowHeight) - 2),
    reveal: (row) => virtual.scrollToIndex(row),
    open: (index, inNewTab) => {
      const row = rows.at(index);
      if (row) open(row.entry, inNewTab);
    },
    edit: ({ row, column }) => {
      const field = columns[column]?.field;
      if (field && editing?.can(field) && rows.at(row)) edit(row, field);
    },
    select,
    peek: (index) => {
      const row = rows.at(index);
      if (row) peek?.show(peek.entry?.documentId === row.entry.documentId ? null : row.entry);
    },
    // What is looked at follows the keyboard.
    moved: peek?.entry ? (index) => rows.at(index) && peek.show(rows.at(index)?.entry ?? null) : undefined,
    selectAll: selection ? () => selection.all() : undefined,
    clear: () => {
      if (peek?.entry) {
        peek.show(null);
        return true;
      }
      if (!selection || selection.size === 0) return false;
      selection.clear();
      return true;
    },
  });
  useImperativeHandle(ref, () => ({
    focus: () => grid.current?.focus(),
    step: (by) => {
      grid.current?.focus();
      keys.step(by);
    },
    select: () => select(keys.position.row, 'toggle'),
  }));
  // Rows are memoised: what they are handed must stay the same while somebody scrolls.
  const latest = useRef({ select, setPlace: keys.setPosition, editing, open, retry: rows.retry });
  useEffect(() => {
    latest.current = { select, setPlace: keys.setPosition, editing, open, retry: rows.retry };
  });
  const onSelect = useCallback(
    (index: number, shift: boolean) => latest.current.select(index, shift ? 'extend' : 'toggle'),
    [],
  );
  const onOpen = useCallback((entry: Entry) => latest.current.open(entry, false), []);
  const onPlace = useCallback((row: number, column: number) => {
    latest.current.setPlace({ row, column });
    grid.current?.focus({ preventScroll: true });
  }, []);
  const onEdit = useCallback(
    (row: number, field: string) => {
      if (latest.current.editing?.can(field)) edit(row, field);
    },
    [edit],
  );

  const template = useMemo(() => {
    const fixed = columns.map(({ width }, index) =>
      index === columns.length - 1 ? `minmax(${width}px, 1fr)` : `${width}px`,
    );
    return [selection ? `${SELECT}px` : null, ...fixed, menu ? `${ACTIONS}px` : null].filter(Boolean).join(' ');
  }, [columns, selection, menu]);
  const lefts = useMemo(() => {
    const all: (number | undefined)[] = [];
    let left = selection ? SELECT : 0;
    for (const column of columns) {
      all.push(column.pinned ? left : undefined);
      if (column.pinned) left += column.width;
    }
    return all;
  }, [columns, selection]);
  const retry = useCallback(() => latest.current.retry(), []);
  const width = columns.reduce((sum, column) => sum + column.width, (selection ? SELECT : 0) + (menu ? ACTIONS : 0));
  const lastPinned = columns.findLastIndex((column) => column.pinned);
  const { position } = keys;
  const currentRow = rows.at(position.row);
  return (
    <>
      <div
        ref={grid}
        role="grid"
        tabIndex={0}
        onFocus={editing && (() => void InlineEdit.preload().catch(() => undefined))}
        aria-label={label}
        aria-rowcount={rows.total + 1}
        aria-colcount={columns.length + (selection ? 1 : 0) + (menu ? 1 : 0)}
        aria-multiselectable={selection ? true : undefined}
        aria-activedescendant={
          currentRow && position.row >= first && position.row <= last
            ? `${id}-${position.row}-${position.column}`
            : undefined
        }
        aria-busy={rows.isStale || rows.isPending}
        aria-keyshortcuts="j k x Enter Space F2"
        className={classes.grid}
        style={{ '--columns': template, '--width': `${width}px` } as CSSProperties}
        onKeyDown={keys.onKeyDown}
        data-entry-table
      >
        <TableHead
          columns={columns}
          lefts={lefts}
          height={Math.max(36, rowHeight - 4)}
          sort={sort}
          onSort={onSort}
          changes={changes}
          selection={selection}
          total={rows.total}
          actions={menu !== undefined}
        />
        <div
          role="rowgroup"
          className={`${classes.body} ${rows.isStale ? classes.stale : ''}`}
          style={{ height: virtual.getTotalSize() }}
        >
          {items.map(({ index, start }, at) => {
            const row = rows.at(index);
            // Bones are known by their place on the screen: only where they stand changes while somebody drags the bar.
            if (!row) {
              return (
                <BoneRow
                  key={`bone-${at}`}
                  id={id}
                  index={index}
                  start={start}
                  height={rowHeight}
                  columns={columns.length}
                  selectable={selection !== undefined}
                  current={index === position.row ? position.column : undefined}
                  retry={rows.failed(index) ? retry : undefined}
                />
              );
            }
            return (
              <TableRow
                key={index}
                type={type}
                id={id}
                index={index}
                start={start}
                height={rowHeight}
                row={row}
                columns={columns}
                lefts={lefts}
                lastPinned={lastPinned}
                current={index === position.row ? position.column : undefined}
                selected={selection?.has(row.entry.documentId) ?? false}
                selectable={selection !== undefined}
                onSelect={onSelect}
                onPlace={onPlace}
                onEdit={onEdit}
                href={href}
                onOpen={onOpen}
                menu={menu}
              />
            );
          })}
        </div>
      </div>
      {edited && editing && (
        <CellEditor
          cell={() =>
            document.getElementById(`${id}-${edited.row}-${columns.findIndex(({ field }) => field === edited.field)}`)
          }
          column={columns.find(({ field }) => field === edited.field)}
          entry={rows.at(edited.row)?.entry}
          save={editing.save}
          close={() => {
            setEdited(null);
            grid.current?.focus();
          }}
        />
      )}
    </>
  );
}

interface CellEditorProps {
  cell: () => HTMLElement | null;
  column: TableColumn | undefined;
  entry: Entry | undefined;
  save: CellEditing['save'];
  close: () => void;
}

function CellEditor({ cell, column, entry, save, close }: CellEditorProps) {
  const [box] = useState(() => cell()?.getBoundingClientRect());
  if (!column?.at || !entry || !box) return null;
  return (
    <PartBoundary>
      <InlineEdit
        fallback={null}
        box={box}
        label={column.label}
        attribute={column.at.attribute}
        value={entry[column.field]}
        save={(value) => save(entry, column.field, value)}
        close={close}
      />
    </PartBoundary>
  );
}
