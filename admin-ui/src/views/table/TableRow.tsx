import { memo, type MouseEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Entry } from '@/api/content';
import type { ContentType } from '@/api/model';
import { isBlank, titleOf } from '../cells/Card';
import { FormattedValue } from '../cells/FormattedValue';
import { StateFieldCell } from '../cells/StateFieldCell';
import type { EntryRow } from '../entries/useEntryRows';
import { valueAt } from '../fieldPath';
import type { TableColumn } from './columns';
import classes from './EntryTable.module.css';

interface Props {
  type: ContentType;
  id: string;
  index: number;
  start: number;
  height: number;
  row: EntryRow;
  columns: readonly TableColumn[];
  lefts: readonly (number | undefined)[];
  lastPinned: number;
  /** The column that the keyboard is at, where it is in this row. */
  current: number | undefined;
  selected: boolean;
  selectable: boolean;
  onSelect: (index: number, shift: boolean) => void;
  onPlace: (row: number, column: number) => void;
  onEdit: (row: number, field: string) => void;
  href: (entry: Entry) => string;
  onOpen: (entry: Entry) => void;
  menu?: ((row: EntryRow) => ReactNode) | undefined;
}

const SELECT = { insetInlineStart: 0, padding: 0 };

/** A row. Drawn again only when something of it changes: while scrolling, that is what takes the time. */
export const TableRow = memo(function TableRow(props: Props) {
  const { id, index, start, height, row, columns, lefts, lastPinned, current, selected, selectable } = props;
  const { t } = useTranslation('views');
  const offset = selectable ? 2 : 1;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selectable ? selected : undefined}
      className={classes.row}
      data-selected={selected ? '' : undefined}
      data-active={current === undefined ? undefined : ''}
      data-row={index}
      style={{ height, transform: `translateY(${start}px)` }}
    >
      {selectable && (
        <div
          role="gridcell"
          aria-colindex={1}
          className={`${classes.cell} ${classes.pinned} ${classes.select}`}
          style={SELECT}
        >
          {/* The click is looked at for its Shift key; the keyboard selects with x. */}
          <label className={classes.check}>
            <input
              type="checkbox"
              tabIndex={-1}
              aria-label={t('table.select', { title: titleOf(props.type, row.entry) })}
              checked={selected}
              onChange={() => {}}
              onClick={(event) => props.onSelect(index, event.shiftKey)}
            />
          </label>
        </div>
      )}
      {columns.map((column, at) => (
        // Keys are taken by the grid, which has the focus.
        // eslint-disable-next-line jsx-a11y/click-events-have-key-events
        <div
          key={column.field}
          id={`${id}-${index}-${at}`}
          role="gridcell"
          tabIndex={-1}
          aria-colindex={at + offset}
          className={`${classes.cell} ${column.pinned ? classes.pinned : ''} ${at === lastPinned ? classes.lastPinned : ''}`}
          style={lefts[at] === undefined ? undefined : { insetInlineStart: lefts[at] }}
          data-current={current === at ? '' : undefined}
          onClick={() => props.onPlace(index, at)}
          onDoubleClick={() => props.onEdit(index, column.field)}
        >
          <Value
            type={props.type}
            row={row}
            column={column}
            linked={at === 0}
            href={props.href}
            onOpen={props.onOpen}
          />
        </div>
      ))}
      {props.menu && (
        <div role="gridcell" aria-colindex={columns.length + offset} className={`${classes.cell} ${classes.actions}`}>
          {props.menu(row)}
        </div>
      )}
    </div>
  );
});

interface ValueProps {
  type: ContentType;
  row: EntryRow;
  column: TableColumn;
  linked: boolean;
  href: (entry: Entry) => string;
  onOpen: (entry: Entry) => void;
}

function Value({ type, row, column, linked, href, onOpen }: ValueProps) {
  const value = valueAt(row.entry, column.field);
  const content = column.at ? (
    <FormattedValue entry={row.entry} field={column.field} at={column.at} format={column.format} />
  ) : (
    <StateFieldCell type={type} field={column.field} row={row} href={href} open={onOpen} />
  );
  if (!linked) return content;
  // The router's own link listens to every change of the address; a hundred of them are felt while scrolling.
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onOpen(row.entry);
  };
  // What is not there cannot be clicked: the title stands for it, or the id where there is none.
  return (
    <a href={href(row.entry)} tabIndex={-1} onClick={follow}>
      {isBlank(value) ? titleOf(type, row.entry) : content}
    </a>
  );
}
