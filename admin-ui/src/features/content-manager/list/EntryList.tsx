import { ActionIcon, Button, Group, Skeleton, Text, Tooltip } from '@mantine/core';
import { IconDownload, IconFilePlus, IconSearchOff, IconTrash } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useRouter } from '@tanstack/react-router';
import { type ReactNode, Suspense, useCallback, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Entry, listEntries, type Query, saveEntry } from '@/api/content';
import type { ContentType, Model } from '@/api/model';
import { useSession } from '@/api/session';
import { DelayedContent } from '@/ui/DelayedContent';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatNumber } from '@/ui/format';
import { lazyPart } from '@/ui/lazyPart';
import { HighlightWords } from '@/ui/HighlightedText';
import { PageTitle } from '@/ui/PageTitle';
import { useShortcut } from '@/app/shortcuts';
import { type EntryRow, useEntriesChanged, useEntryRows } from '@/views/entries/useEntryRows';
import { isWritable } from '@/views/fieldPath';
import type { Sort } from '@/views/definition';
import { FilterBar } from '@/views/filters/FilterBar';
import { nodesOf } from '@/views/filters/filter';
import { toQuery } from '@/views/filters/toQuery';
import { EDITORIAL_KEYS, readEditorial } from '@/views/review/editorial';
import { useWorkflow } from '@/views/review/useWorkflow';
import { selectFields } from '@/views/selection';
import { resolveColumns } from '@/views/table/columns';
import { EntryTable, type TableHandle } from '@/views/table/EntryTable';
import { isInlineEditable } from '@/views/table/inlineEditable';
import { RowMenuButton } from '@/views/table/RowMenuButton';
import { binRoute, entryTarget, newEntryTarget } from '../routes';
import { BulkBar } from './BulkBar';
import { BulkStatus } from './BulkStatus';
import type { BulkKind } from './bulk';
import { ColumnPicker } from './ColumnPicker';
import classes from './EntryList.module.css';
import { OtherView } from './OtherView';
import { type OpenMenu, RowMenu } from './RowMenu';
import { SavedViews } from './SavedViews';
import { Toolbar } from './Toolbar';
import { useBulk } from './useBulk';
import { useListState } from './useListState';
import { useRowDensity } from './useRowDensity';
import { useSelection } from './useSelection';
import { ViewFields } from './ViewFields';
import { viewsOf } from './viewKinds';

// What is asked for later is loaded later.
const BulkDialog = lazyPart(async () => ({ default: (await import('./BulkDialog')).BulkDialog }));
const ExportDialog = lazyPart(async () => ({ default: (await import('./ExportDialog')).ExportDialog }));
const PeekPanel = lazyPart(async () => ({ default: (await import('./PeekPanel')).PeekPanel }));

const NO_EDITORIAL_FILTER = { standing: undefined, stage: undefined, assignee: undefined, due: undefined };

const ROW_HEIGHT_PX = { comfortable: 44, compact: 34 };

/** The entries of a collection: found, ordered, chosen, changed. */
export function EntryList({ model, type }: { model: Model; type: ContentType }) {
  const { t, i18n } = useTranslation(['list', 'views', 'common']);
  const { me, locales } = useSession();
  const state = useListState(model, type);
  const { search, filter, sort } = state;
  const staged = useWorkflow(type) !== undefined;
  const views = viewsOf(type, staged);
  const view = views.find((one) => one === search.view) ?? 'table';
  const locale = type.localized ? (search.locale ?? locales.default) : undefined;
  const [density] = useRowDensity();
  const [exporting, setExporting] = useState(false);
  const [peeked, setPeeked] = useState<Entry | null>(null);
  const closePeek = (): void => {
    setPeeked(null);
    table.current?.focus();
  };
  const peek = useMemo(() => ({ entry: peeked, show: setPeeked }), [peeked]);
  const navigate = useNavigate();
  const router = useRouter();
  const changed = useEntriesChanged();
  const language = i18n.resolvedLanguage ?? 'en';

  const columns = useMemo(
    () => resolveColumns(model, type, state.columns, language, (own) => t(`views:own.${own}`)),
    [model, type, state.columns, language, t],
  );
  const [now] = useState(() => new Date());
  const { standing, stage, assignee, due } = search;
  const editorial = useMemo(() => readEditorial({ standing, stage, assignee, due }), [standing, stage, assignee, due]);
  const listQuery = useMemo((): Query => {
    const filters = toQuery(filter, { model, type, now, me: me.email });
    return {
      ...(filters ? { filters } : {}),
      ...(search.q ? { _q: search.q } : {}),
      ...(locale ? { locale } : {}),
      ...(search.status ? { status: search.status } : {}),
      ...editorial,
    };
  }, [filter, model, type, now, me.email, search.q, locale, search.status, editorial]);
  const fields = useMemo(
    () => [...columns.map(({ field }) => field), ...(type.titleField ? [type.titleField] : [])].join(' '),
    [columns, type.titleField],
  );
  const query = useMemo(
    (): Query => ({ ...listQuery, sort: [sort], ...selectFields(model, type, fields.split(' ')) }),
    [listQuery, sort, model, type, fields],
  );
  const rows = useEntryRows(type, query);
  const selection = useSelection(type, query);
  const bulk = useBulk(type, locale);
  const [dialog, setDialog] = useState<{ kind: BulkKind; ids: readonly string[] } | null>(null);
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  const { set } = state;
  const onSort = useCallback((next: Sort) => set({ sort: next }), [set]);
  const table = useRef<TableHandle>(null);
  useShortcut('j', () => table.current?.step(1));
  useShortcut('k', () => table.current?.step(-1));
  useShortcut('x', () => table.current?.select());

  const target = useCallback(
    (entry: Entry) => entryTarget(type.uid, entry.documentId, type.localized ? (entry.locale ?? locale) : undefined),
    [type, locale],
  );
  const href = useCallback((entry: Entry) => router.buildLocation(target(entry)).href, [router, target]);
  const open = useCallback(
    (entry: Entry, inNewTab: boolean) => {
      if (inNewTab) window.open(href(entry), '_blank', 'noopener');
      else void navigate(target(entry));
    },
    [target, href, navigate],
  );
  const editing = useMemo(
    () =>
      type.can.update && search.status !== 'published'
        ? {
            can: (field: string) => isWritable(type, field) && isInlineEditable(type.attributes[field]),
            save: async (entry: Entry, field: string, value: unknown) => {
              await saveEntry(type, entry.documentId, { [field]: value }, { precondition: 'any', locale });
              await changed(type.uid);
            },
          }
        : undefined,
    [type, search.status, locale, changed],
  );
  const openHere = useCallback((entry: Entry) => open(entry, false), [open]);
  const rowMenu = useCallback(
    ({ entry, state: documentState }: EntryRow): ReactNode => (
      <RowMenuButton
        label={t('list:row.menu', { title: String((type.titleField && entry[type.titleField]) ?? entry.documentId) })}
        onOpen={(box) => setMenu({ entry, state: documentState, box })}
      />
    ),
    [t, type.titleField],
  );
  const busy = bulk.state.phase === 'running' || bulk.state.phase === 'undoing';
  const narrowed =
    nodesOf(filter).length > 0 ||
    search.q !== undefined ||
    search.status !== undefined ||
    Object.keys(editorial).length > 0;
  const choose = (kind: BulkKind, entry: Entry): void => {
    // One entry is done at once where it can be undone; what needs more to be said asks.
    if (kind === 'release' || kind === 'edit' || kind === 'assign') setDialog({ kind, ids: [entry.documentId] });
    else void bulk.run({ kind }, [entry.documentId]);
  };
  return (
    <div className={classes.page}>
      <PageTitle
        title={type.info.displayName}
        actions={
          <Group gap="xs">
            <ResultCount type={type} query={listQuery} total={rows.total} isPending={rows.isPending} />
            <Tooltip label={t('list:export.open')}>
              <ActionIcon
                variant="default"
                size={34}
                disabled={rows.total === 0}
                aria-label={t('list:export.open')}
                onClick={() => setExporting(true)}
              >
                <IconDownload size={18} aria-hidden />
              </ActionIcon>
            </Tooltip>
            {type.can.delete && (
              <Tooltip label={t('list:bin.title')}>
                <ActionIcon
                  variant="default"
                  size={34}
                  aria-label={t('list:bin.title')}
                  renderRoot={(props) => <Link {...binRoute.to({ uid: type.uid })} {...props} />}
                >
                  <IconTrash size={18} aria-hidden />
                </ActionIcon>
              </Tooltip>
            )}
            {type.can.create && (
              <Button
                leftSection={<IconFilePlus size={16} aria-hidden />}
                renderRoot={(props) => <Link {...newEntryTarget(type.uid, locale)} {...props} />}
              >
                {t('list:create')}
              </Button>
            )}
          </Group>
        }
      />
      <Toolbar type={type} state={state} views={views}>
        {view === 'table' ? (
          <ColumnPicker model={model} type={type} staged={staged} state={state} />
        ) : (
          <ViewFields type={type} view={view} staged={staged} state={state} />
        )}
        <SavedViews type={type} state={state} />
      </Toolbar>
      <div className={classes.filters}>
        <FilterBar
          model={model}
          type={type}
          filter={filter}
          onChange={state.setFilter}
          editorial={{
            value: editorial,
            onChange: (value) => state.set({ ...NO_EDITORIAL_FILTER, ...value }),
            clear: () => state.set({ ...NO_EDITORIAL_FILTER, filters: undefined }),
          }}
        />
      </div>
      <BulkBar
        type={type}
        staged={staged}
        selection={selection}
        total={rows.total}
        busy={busy}
        choose={(kind) => setDialog({ kind, ids: selection.ids })}
      />
      <BulkStatus type={type} bulk={bulk} />
      <HighlightWords words={search.q}>
        {view !== 'table' && (
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
        {view === 'table' && rows.error !== null && rows.error !== undefined && (
          <ErrorMessage error={rows.error} title={t('list:failed')} retry={rows.retry} />
        )}
        {view === 'table' && rows.isPending && !rows.error && (
          <DelayedContent>
            <Skeleton h={320} aria-label={t('common:loading')} />
          </DelayedContent>
        )}
        {view === 'table' && !rows.isPending && !rows.error && rows.total === 0 && (
          <NoEntries
            type={type}
            narrowed={narrowed}
            locale={locale}
            clear={() => state.set({ ...NO_EDITORIAL_FILTER, filters: undefined, q: undefined, status: undefined })}
          />
        )}
        {view === 'table' && rows.total > 0 && (
          <div className={classes.beside}>
            <div className={classes.table}>
              <EntryTable
                ref={table}
                type={type}
                label={type.info.displayName}
                columns={columns}
                rows={rows}
                rowHeight={ROW_HEIGHT_PX[density]}
                href={href}
                open={open}
                sort={sort}
                onSort={onSort}
                changes={state.changes}
                selection={selection}
                editing={editing}
                peek={peek}
                menu={rowMenu}
              />
            </div>
            {peeked && (
              <Suspense>
                <PeekPanel type={type} entry={peeked} locale={locale} close={closePeek} />
              </Suspense>
            )}
          </div>
        )}
      </HighlightWords>
      <RowMenu
        type={type}
        staged={staged}
        opened={menu}
        locale={locale}
        busy={busy}
        choose={choose}
        close={() => setMenu(null)}
      />
      <Suspense>
        {exporting && <ExportDialog type={type} query={query} total={rows.total} close={() => setExporting(false)} />}
        {dialog && (
          <BulkDialog
            kind={dialog.kind}
            type={type}
            ids={dialog.ids}
            locale={locale}
            run={(action) => {
              void bulk.run(action, dialog.ids);
              if (action.kind === 'delete') selection.clear();
            }}
            close={() => setDialog(null)}
          />
        )}
      </Suspense>
    </div>
  );
}

/** How many there are, of how many. */
function ResultCount({
  type,
  query,
  total,
  isPending,
}: {
  type: ContentType;
  query: Query;
  total: number;
  isPending: boolean;
}) {
  const { t } = useTranslation('list');
  const narrowed = ['filters', '_q', ...EDITORIAL_KEYS].some((key) => key in query);
  const { locale } = query;
  const all = useQuery({
    queryKey: ['content', type.uid, 'count', locale],
    queryFn: ({ signal }) =>
      listEntries(type, { fields: ['documentId'], pagination: { pageSize: 1 }, ...(locale ? { locale } : {}) }, signal),
    enabled: narrowed,
    placeholderData: keepPreviousData,
  });
  if (isPending) return null;
  const formattedTotal = formatNumber(total);
  return (
    <Text size="sm" c="dimmed" role="status">
      {narrowed && all.data
        ? t('countOf', { shown: formattedTotal, of: formatNumber(all.data.total) })
        : t('count', { count: total, shown: formattedTotal })}
    </Text>
  );
}

interface NoEntriesProps {
  type: ContentType;
  narrowed: boolean;
  locale: string | undefined;
  clear: () => void;
}

/** Nothing found is not the same as nothing there. */
function NoEntries({ type, narrowed, locale, clear }: NoEntriesProps) {
  const { t } = useTranslation('list');
  if (narrowed) {
    return (
      <EmptyState
        icon={IconSearchOff}
        title={t('empty.found')}
        action={
          <Button variant="default" onClick={clear}>
            {t('empty.clear')}
          </Button>
        }
      >
        {t('empty.foundHint')}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={IconFilePlus}
      title={t('empty.yet', { type: type.info.displayName })}
      action={
        type.can.create ? (
          <Button
            leftSection={<IconFilePlus size={16} aria-hidden />}
            renderRoot={(props) => <Link {...newEntryTarget(type.uid, locale)} {...props} />}
          >
            {t('create')}
          </Button>
        ) : undefined
      }
    >
      {type.info.description || t(type.can.create ? 'empty.yetHint' : 'empty.noRight')}
    </EmptyState>
  );
}
