import { Skeleton } from '@mantine/core';
import { type ReactNode, Suspense, useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { Entry } from '@/api/content';
import { type ContentType, pluralNameOf } from '@/api/model';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { lazyPart } from '@/ui/lazyPart';
import { PartBoundary } from '@/ui/PartBoundary';
import type { Sort } from '@/views/definition';
import type { EntryRow, EntryRows } from '@/views/entries/useEntryRows';
import type { TableColumn } from '@/views/table/columns';
import { EntryTable } from '@/views/table/EntryTable';
import classes from './EntryList.module.css';
import { NO_CONDITIONS_SEARCH } from './listQuery';
import { NoEntries } from './NoEntries';
import { useCellEditing } from './useCellEditing';
import type { ListState } from './useListState';
import { useRowDensity } from './useRowDensity';
import type { Selection } from './useSelection';
import type { TableControls } from './useTableControls';

// Only phones load them.
const EntryCards = lazyPart(() => import('@/views/cards/EntryCards'));
// Loaded when somebody opens it.
const PeekPanel = lazyPart(async () => ({ default: (await import('./PeekPanel')).PeekPanel }));

const ROW_HEIGHT_PX = { comfortable: 44, compact: 34 };

interface Props {
  type: ContentType;
  state: ListState;
  columns: readonly TableColumn[];
  rows: EntryRows;
  selection: Selection;
  controls: TableControls;
  narrowed: boolean;
  locale: string | undefined;
  href: (entry: Entry) => string;
  open: (entry: Entry, inNewTab: boolean) => void;
  /** Whether they are cards, as on a phone. */
  cards: boolean;
  /** The button at the end of a row. */
  menu: (row: EntryRow) => ReactNode;
}

/** The entries in a table, with the one that is looked at beside it; on a phone as cards. */
export function TableView({
  type,
  state,
  columns,
  rows,
  selection,
  controls,
  narrowed,
  locale,
  href,
  open,
  cards,
  menu,
}: Props) {
  const { t } = useTranslation(['list', 'common']);
  const [density] = useRowDensity();
  const editing = useCellEditing(type, state.search.status, locale);
  const { set } = state;
  const onSort = useCallback((sort: Sort) => set({ sort }), [set]);
  const { table, peek, closePeek } = controls;
  return (
    <>
      {rows.error !== null && rows.error !== undefined && (
        <ErrorMessage error={rows.error} title={t('list:failed')} retry={rows.retry} />
      )}
      {rows.isPending && !rows.error && (
        <DelayedContent>
          <Skeleton h={320} aria-label={t('common:loading')} />
        </DelayedContent>
      )}
      {!rows.isPending && !rows.error && rows.total === 0 && (
        <NoEntries type={type} narrowed={narrowed} locale={locale} clear={() => set(NO_CONDITIONS_SEARCH)} />
      )}
      {rows.total > 0 && cards && (
        <div className={classes.table}>
          <PartBoundary>
            <EntryCards
              ref={table}
              type={type}
              label={pluralNameOf(type)}
              columns={columns}
              rows={rows}
              href={href}
              open={open}
              selection={selection}
              menu={menu}
              fallback={<Skeleton h={320} aria-label={t('common:loading')} />}
            />
          </PartBoundary>
        </div>
      )}
      {rows.total > 0 && !cards && (
        <div className={classes.beside}>
          <div className={classes.table}>
            <EntryTable
              ref={table}
              type={type}
              label={pluralNameOf(type)}
              columns={columns}
              rows={rows}
              rowHeight={ROW_HEIGHT_PX[density]}
              href={href}
              open={open}
              sort={state.sort}
              onSort={onSort}
              changes={state.changes}
              selection={selection}
              editing={editing}
              peek={peek}
              menu={menu}
            />
          </div>
          {peek.entry && (
            <Suspense>
              <PeekPanel type={type} entry={peek.entry} locale={locale} close={closePeek} />
            </Suspense>
          )}
        </div>
      )}
    </>
  );
}
