import { VisuallyHidden } from '@mantine/core';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Sort } from '../definition';
import { type ColumnChanges, ColumnHead } from './ColumnHead';
import type { TableColumn } from './columns';
import type { RowSelection } from './EntryTable';
import classes from './EntryTable.module.css';

interface Props {
  columns: readonly TableColumn[];
  lefts: readonly (number | undefined)[];
  height: number;
  sort: Sort | undefined;
  onSort: ((sort: Sort) => void) | undefined;
  changes: ColumnChanges | undefined;
  selection: RowSelection | undefined;
  total: number;
  /** Whether rows end in a menu. */
  actions: boolean;
}

/** The headings. Not drawn again while somebody scrolls: their menus are the heaviest of a table. */
export const TableHead = memo(function TableHead({
  columns,
  lefts,
  height,
  sort,
  onSort,
  changes,
  selection,
  total,
  actions,
}: Props) {
  const { t } = useTranslation('views');
  const [field, direction] = (sort?.split(':') ?? []) as [string?, ('asc' | 'desc')?];
  const lastPinned = columns.findLastIndex((column) => column.pinned);
  const offset = selection ? 2 : 1;
  return (
    <div role="rowgroup" className={classes.header} style={{ height }}>
      <div role="row" aria-rowindex={1} className={classes.headRow}>
        {selection && (
          <div role="columnheader" aria-colindex={1} className={`${classes.head} ${classes.pinned} ${classes.select}`}>
            <label className={classes.check}>
              <input
                type="checkbox"
                aria-label={t('table.selectAll')}
                checked={total > 0 && selection.size >= total}
                ref={(box) => {
                  if (box) box.indeterminate = selection.size > 0 && selection.size < total;
                }}
                onChange={() => (selection.size > 0 ? selection.clear() : selection.all())}
              />
            </label>
          </div>
        )}
        {columns.map((column, index) => (
          <ColumnHead
            key={column.field}
            column={column}
            index={index}
            position={index + offset}
            columns={columns}
            sorted={field === column.field ? direction : undefined}
            onSort={onSort && ((to) => onSort(`${column.field}:${to}`))}
            changes={changes}
            className={
              column.pinned ? `${classes.pinned} ${index === lastPinned ? classes.lastPinned : ''}` : undefined
            }
            left={lefts[index]}
          />
        ))}
        {actions && (
          <div
            role="columnheader"
            aria-colindex={columns.length + offset}
            className={`${classes.head} ${classes.actions}`}
          >
            <VisuallyHidden>{t('table.actions')}</VisuallyHidden>
          </div>
        )}
      </div>
    </div>
  );
});
