import { ActionIcon, Button, Group, Skeleton, Text, Tooltip } from '@mantine/core';
import { IconFilePlus, IconSearchOff, IconTrash } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useRouter } from '@tanstack/react-router';
import { type ReactNode, useCallback, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Entry, listEntries, type Query, saveEntry } from '@/api/content';
import type { ContentType, Model } from '@/api/model';
import { useSession } from '@/api/session';
import { usePreference } from '@/api/preferences';
import { readDensity } from '@/ui/appearance';
import { Delayed } from '@/ui/Delayed';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatNumber } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { useShortcut } from '@/ui/shortcuts';
import { useEntriesChanged, useEntryRows } from '@/views/entries/useEntryRows';
import { writable } from '@/views/fieldPath';
import type { Sort } from '@/views/definition';
import { FilterBar } from '@/views/filters/FilterBar';
import { nodesOf } from '@/views/filters/filter';
import { toQuery } from '@/views/filters/toQuery';
import { selectionOf } from '@/views/selection';
import { resolveColumns } from '@/views/table/columns';
import { EntryTable, type TableHandle } from '@/views/table/EntryTable';
import { editsInline } from '@/views/table/InlineEdit';
import { RowMenuButton } from '@/views/table/RowMenuButton';
import { binRoute, entryTarget, newEntryTarget } from '../routes';
import { BulkBar } from './BulkBar';
import { BulkDialog } from './BulkDialog';
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
import { useSelection } from './useSelection';
import { ViewFields } from './ViewFields';
import { viewsOf } from './viewKinds';

const ROW = { comfortable: 44, compact: 34 };

/** The entries of a collection: found, ordered, chosen, changed. */
export function EntryList({ model, type }: { model: Model; type: ContentType }) {
  const { t, i18n } = useTranslation(['list', 'views', 'common']);
  const { me, locales } = useSession();
  const state = useListState(model, type);
  const { search, filter, sort } = state;
  const view = viewsOf(type).find((one) => one === search.view) ?? 'table';
  const locale = type.localized ? (search.locale ?? locales.default) : undefined;
  const [density] = usePreference('appearance.density', readDensity);
  const navigate = useNavigate();
  const router = useRouter();
  const changed = useEntriesChanged();
  const language = i18n.resolvedLanguage ?? 'en';

  const columns = useMemo(
    () => resolveColumns(model, type, state.columns, language, (own) => t(`views:own.${own}`)),
    [model, type, state.columns, language, t],
  );
  const [now] = useState(() => new Date());
  const found = useMemo((): Query => {
    const filters = toQuery(filter, { model, type, now, me: me.email });
    return {
      ...(filters ? { filters } : {}),
      ...(search.q ? { _q: search.q } : {}),
      ...(locale ? { locale } : {}),
      ...(search.status ? { status: search.status } : {}),
    };
  }, [filter, model, type, now, me.email, search.q, locale, search.status]);
  const fields = useMemo(() => [...columns.map(({ field }) => field), ...(type.titleField ? [type.titleField] : [])].join(' '), [columns, type.titleField]);
  const query = useMemo((): Query => ({ ...found, sort: [sort], ...selectionOf(model, type, fields.split(' ')) }), [found, sort, model, type, fields]);
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

  const target = useCallback((entry: Entry) => entryTarget(type.uid, entry.documentId, locale), [type.uid, locale]);
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
            can: (field: string) => writable(type, field) && editsInline(type.attributes[field]),
            save: async (entry: Entry, field: string, value: unknown) => {
              await saveEntry(type, entry.documentId, { [field]: value }, { locale });
              await changed(type.uid);
            },
          }
        : undefined,
    [type, search.status, locale, changed],
  );
  const openHere = useCallback((entry: Entry) => open(entry, false), [open]);
  const rowMenu = useCallback(
    (entry: Entry): ReactNode => (
      <RowMenuButton
        label={t('list:row.menu', { title: String((type.titleField && entry[type.titleField]) ?? entry.documentId) })}
        onOpen={(box) => setMenu({ entry, box })}
      />
    ),
    [t, type.titleField],
  );
  const busy = bulk.state.phase === 'running' || bulk.state.phase === 'undoing';
  const narrowed = nodesOf(filter).length > 0 || search.q !== undefined || search.status !== undefined;
  const choose = (kind: BulkKind, entry: Entry): void => {
    // One entry is done at once where it can be undone; what needs more to be said asks.
    if (kind === 'release' || kind === 'edit') setDialog({ kind, ids: [entry.documentId] });
    else void bulk.run({ kind }, [entry.documentId]);
  };
  return (
    <div className={classes.page}>
      <PageTitle
        title={type.info.displayName}
        actions={
          <Group gap="xs">
            <Count type={type} query={found} total={rows.total} isPending={rows.isPending} />
            {type.can.delete && (
              <Tooltip label={t('list:bin.title')}>
                <ActionIcon variant="default" size={34} aria-label={t('list:bin.title')} renderRoot={(props) => <Link {...binRoute.to({ uid: type.uid })} {...props} />}>
                  <IconTrash size={18} aria-hidden />
                </ActionIcon>
              </Tooltip>
            )}
            {type.can.create && (
              <Button leftSection={<IconFilePlus size={16} aria-hidden />} renderRoot={(props) => <Link {...newEntryTarget(type.uid, locale)} {...props} />}>
                {t('list:create')}
              </Button>
            )}
          </Group>
        }
      />
      <Toolbar type={type} state={state} views={viewsOf(type)}>
        {view === 'table' ? <ColumnPicker model={model} type={type} state={state} /> : <ViewFields type={type} view={view} state={state} />}
        <SavedViews type={type} state={state} />
      </Toolbar>
      <div className={classes.filters}>
        <FilterBar model={model} type={type} filter={filter} onChange={state.setFilter} />
      </div>
      <BulkBar type={type} selection={selection} total={rows.total} busy={busy} choose={(kind) => setDialog({ kind, ids: selection.ids })} />
      <BulkStatus type={type} bulk={bulk} />
      {view !== 'table' && <OtherView model={model} type={type} view={view} state={state} found={found} href={href} open={openHere} locale={locale} />}
      {view === 'table' && rows.error !== null && rows.error !== undefined && <ErrorMessage error={rows.error} title={t('list:failed')} retry={rows.retry} />}
      {view === 'table' && rows.isPending && !rows.error && (
        <Delayed>
          <Skeleton h={320} aria-label={t('common:loading')} />
        </Delayed>
      )}
      {view === 'table' && !rows.isPending && !rows.error && rows.total === 0 && (
        <Nothing type={type} narrowed={narrowed} locale={locale} clear={() => state.set({ filters: undefined, q: undefined, status: undefined })} />
      )}
      {view === 'table' && rows.total > 0 && (
        <div className={classes.table}>
          <EntryTable
            ref={table}
            label={type.info.displayName}
            columns={columns}
            rows={rows}
            rowHeight={ROW[density]}
            href={href}
            open={open}
            sort={sort}
            onSort={onSort}
            changes={state.changes}
            selection={selection}
            editing={editing}
            menu={rowMenu}
          />
        </div>
      )}
      <RowMenu type={type} opened={menu} locale={locale} busy={busy} choose={choose} close={() => setMenu(null)} />
      {dialog && (
        <BulkDialog
          kind={dialog.kind}
          type={type}
          count={dialog.ids.length}
          locale={locale}
          run={(action) => {
            void bulk.run(action, dialog.ids);
            if (action.kind === 'delete') selection.clear();
          }}
          close={() => setDialog(null)}
        />
      )}
    </div>
  );
}

/** How many there are, of how many. */
function Count({ type, query, total, isPending }: { type: ContentType; query: Query; total: number; isPending: boolean }) {
  const { t } = useTranslation('list');
  const narrowed = 'filters' in query || '_q' in query;
  const { locale } = query;
  const all = useQuery({
    queryKey: ['content', type.uid, 'count', locale],
    queryFn: ({ signal }) => listEntries(type, { fields: ['documentId'], pagination: { pageSize: 1 }, ...(locale ? { locale } : {}) }, signal),
    enabled: narrowed,
    placeholderData: keepPreviousData,
  });
  if (isPending) return null;
  const shown = formatNumber(total);
  return (
    <Text size="sm" c="dimmed" role="status">
      {narrowed && all.data ? t('countOf', { shown, of: formatNumber(all.data.total) }) : t('count', { count: total, shown })}
    </Text>
  );
}

interface NothingProps {
  type: ContentType;
  narrowed: boolean;
  locale: string | undefined;
  clear: () => void;
}

/** Nothing found is not the same as nothing there. */
function Nothing({ type, narrowed, locale, clear }: NothingProps) {
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
          <Button leftSection={<IconFilePlus size={16} aria-hidden />} renderRoot={(props) => <Link {...newEntryTarget(type.uid, locale)} {...props} />}>
            {t('create')}
          </Button>
        ) : undefined
      }
    >
      {type.info.description || t(type.can.create ? 'empty.yetHint' : 'empty.noRight')}
    </EmptyState>
  );
}

