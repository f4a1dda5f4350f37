import { useCallback, useState } from 'react';
import type { Entry } from '@/api/content';
import { type ContentType, type Model, pluralNameOf } from '@/api/model';
import { useSession } from '@/api/session';
import { HighlightWords } from '@/ui/HighlightedText';
import { lazyPart } from '@/ui/lazyPart';
import { PageTitle } from '@/ui/PageTitle';
import { PartBoundary } from '@/ui/PartBoundary';
import { useEntryRows } from '@/views/entries/useEntryRows';
import { FilterBar } from '@/views/filters/FilterBar';
import { useWorkflow } from '@/views/review/useWorkflow';
import { useKeepTrail } from '../trail/useKeepTrail';
import { BulkBar } from './BulkBar';
import { ColumnPicker } from './ColumnPicker';
import classes from './EntryList.module.css';
import { ListActions } from './ListActions';
import { NO_EDITORIAL_SEARCH } from './listQuery';
import { OtherView } from './OtherView';
import { ResultCount } from './ResultCount';
import { RowMenu } from './RowMenu';
import { SavedViews } from './SavedViews';
import { TableView } from './TableView';
import { Toolbar } from './Toolbar';
import { useCardList } from './useCardList';
import { useBulkActions } from './useBulkActions';
import { useEntryLinks } from './useEntryLinks';
import { useTableColumns } from './useListColumns';
import { useListQuery } from './useListQuery';
import { useListState } from './useListState';
import { useRowMenu } from './useRowMenu';
import { useSelection } from './useSelection';
import { useTableControls } from './useTableControls';
import { useSavedViews } from './useSavedViews';
import { ViewFields } from './ViewFields';
import { ViewTabs } from './ViewTabs';
import { viewsOf } from './viewKinds';

// What is asked for later is loaded later.
const BulkDialog = lazyPart(async () => ({ default: (await import('./BulkDialog')).BulkDialog }));
const BulkStatus = lazyPart(async () => ({ default: (await import('./BulkStatus')).BulkStatus }));
const PhoneSort = lazyPart(async () => ({ default: (await import('./PhoneSort')).PhoneSort }));
const ExportDialog = lazyPart(async () => ({ default: (await import('./ExportDialog')).ExportDialog }));

/** The entries of a collection: found, ordered, chosen, changed. */
export function EntryList({ model, type }: { model: Model; type: ContentType }) {
  const { locales } = useSession();
  const state = useListState(model, type);
  const { search, set } = state;
  const saved = useSavedViews(type, state);
  const staged = useWorkflow(type) !== undefined;
  const views = viewsOf(type, staged);
  const view = views.find((one) => one === search.view) ?? 'table';
  const locale = type.localized ? (search.locale ?? locales.default) : undefined;
  const columns = useTableColumns(model, type, state.columns);
  const { editorial, narrowed, listQuery, tableQuery } = useListQuery(model, type, state, columns, locale);
  const rows = useEntryRows(type, tableQuery);
  useKeepTrail(type.uid, search, tableQuery, rows);
  const selection = useSelection(type, tableQuery);
  const actions = useBulkActions(type, locale, selection);
  const { busy, pending } = actions;
  const controls = useTableControls();
  const cards = useCardList();
  const { href, open } = useEntryLinks(type, locale);
  const openHere = useCallback((entry: Entry) => open(entry, false), [open]);
  const rowMenu = useRowMenu(type, cards);
  const [exporting, setExporting] = useState(false);
  return (
    <div className={classes.page}>
      <PageTitle
        title={pluralNameOf(type)}
        actions={
          <ListActions type={type} locale={locale} canExport={rows.total > 0} openExport={() => setExporting(true)}>
            <ResultCount type={type} query={listQuery} total={rows.total} isPending={rows.isPending} />
          </ListActions>
        }
      />
      <ViewTabs saved={saved} />
      <Toolbar type={type} state={state} views={views}>
        {view === 'table' && cards ? (
          <PartBoundary>
            <PhoneSort model={model} type={type} state={state} fallback={null} />
          </PartBoundary>
        ) : view === 'table' ? (
          <ColumnPicker model={model} type={type} staged={staged} state={state} />
        ) : (
          <ViewFields model={model} type={type} view={view} staged={staged} state={state} />
        )}
        <SavedViews type={type} saved={saved} />
      </Toolbar>
      <div className={classes.filters}>
        <FilterBar
          model={model}
          type={type}
          filter={state.filter}
          onChange={state.setFilter}
          editorial={{
            value: editorial,
            onChange: (value) => set({ ...NO_EDITORIAL_SEARCH, ...value }),
            clear: () => set({ ...NO_EDITORIAL_SEARCH, filters: undefined }),
          }}
        />
      </div>
      {/* Other views show no rows that are selected: what is waits for the table, and nobody deletes it unseen. */}
      {view === 'table' && (
        <BulkBar
          type={type}
          staged={staged}
          selection={selection}
          total={rows.total}
          busy={busy}
          choose={actions.chooseForSelection}
        />
      )}
      {actions.bulk.state.phase !== 'idle' && (
        <PartBoundary>
          <BulkStatus type={type} bulk={actions.bulk} />
        </PartBoundary>
      )}
      <HighlightWords words={search.q}>
        {view === 'table' ? (
          <TableView
            type={type}
            state={state}
            columns={columns}
            rows={rows}
            selection={selection}
            controls={controls}
            narrowed={narrowed}
            locale={locale}
            href={href}
            open={open}
            menu={rowMenu.renderButton}
            cards={cards}
          />
        ) : (
          <OtherView
            model={model}
            type={type}
            view={view}
            staged={staged}
            state={state}
            query={listQuery}
            href={href}
            open={openHere}
            locale={locale}
          />
        )}
      </HighlightWords>
      <RowMenu
        type={type}
        staged={staged}
        opened={rowMenu.opened}
        locale={locale}
        busy={busy}
        choose={actions.chooseForEntry}
        close={rowMenu.close}
      />
      {exporting && (
        <PartBoundary closeDialog={() => setExporting(false)}>
          <ExportDialog type={type} query={tableQuery} total={rows.total} close={() => setExporting(false)} />
        </PartBoundary>
      )}
      {pending && (
        <PartBoundary closeDialog={actions.close}>
          <BulkDialog
            kind={pending.kind}
            type={type}
            ids={pending.ids}
            locale={locale}
            run={actions.confirm}
            close={actions.close}
          />
        </PartBoundary>
      )}
    </div>
  );
}
