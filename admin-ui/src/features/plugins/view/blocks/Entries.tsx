import { Menu, Skeleton, Text, Title } from '@mantine/core';
import { useCallback, useContext, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Entry, Query } from '@/api/content';
import { contentTypeOf, type ContentType } from '@/api/model';
import type { ViewDocument } from '@/api/pluginViews';
import { Delayed } from '@/ui/Delayed';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { titleOf } from '@/views/cells/Card';
import { EntriesWidget } from '@/views/dashboard/EntriesWidget';
import { type EntriesViewDef, labelText, type Sort, type TableViewDef } from '@/views/definition';
import { type EntryRow, useEntryRows } from '@/views/entries/useEntryRows';
import { selectionOf } from '@/views/selection';
import { defaultColumns, resolveColumns } from '@/views/table/columns';
import { EntryTable } from '@/views/table/EntryTable';
import { RowMenuButton } from '@/views/table/RowMenuButton';
import { HeadingContext, useView } from '../context';
import type { ActionBlock, Block } from '../types';
import { ActionDialog, useAction, useActionName } from './Actions';
import classes from './Entries.module.css';
import { Missing, Wrong } from './Missing';
import { useEntriesOf } from './useQueryOf';

type EntriesBlock = Extract<Block, { kind: 'table' | 'kanban' | 'calendar' | 'timeline' | 'gallery' | 'tree' }>;

/** Documents in one of the generic views: read, paged, sorted and checked by the host, with the rights of whoever looks. */
export default function Entries({ block }: { block: EntriesBlock }) {
  const { model, language } = useView();
  const order = useContext(HeadingContext);
  const { type, definition, found, problems } = useEntriesOf(block);
  if (!contentTypeOf(model, block.type)) return <Missing type={block.type} />;
  if (!type || !definition) return <Wrong problems={problems} />;
  const label = labelText(definition.label, language);
  return (
    <section aria-label={label ?? type.info.displayName}>
      {label && (
        <Title order={order} size="h4" mb="xs">
          {label}
        </Title>
      )}
      <Shown type={type} definition={definition} found={found} actions={block.kind === 'table' ? (block.actions ?? []) : []} label={label ?? type.info.displayName} />
    </section>
  );
}

interface ShownProps {
  type: ContentType;
  definition: EntriesViewDef;
  found: Query;
  actions: readonly ActionBlock[];
  label: string;
}

function Shown(props: ShownProps) {
  const { type, definition, found } = props;
  const { model, reader, ways, roomy } = useView();
  const { href, open } = ways;
  const toPage = useCallback((entry: Entry) => href(type.uid, entry), [href, type.uid]);
  const go = useCallback((entry: Entry) => open(type.uid, entry), [open, type.uid]);
  const locale = type.localized ? (definition.locale ?? reader.locale) : undefined;
  if (definition.kind === 'table' && (roomy || props.actions.length > 0)) return <Rows {...props} definition={definition} href={toPage} open={go} locale={locale} />;
  return (
    <div className={roomy ? classes.roomy : undefined}>
      <EntriesWidget model={model} type={type} definition={definition} found={found} href={toPage} open={go} locale={locale} />
    </div>
  );
}

const ROW = 44;
const HEAD = 42;

interface RowsProps extends ShownProps {
  definition: TableViewDef;
  href: (entry: Entry) => string;
  open: (entry: Entry) => void;
  locale: string | undefined;
}

/** A table of whatever length. As high as it has to be, and no higher than the screen. */
function Rows({ type, definition, found, actions, label, href, open, locale }: RowsProps) {
  const { t } = useTranslation(['views', 'pluginView']);
  const { model, language } = useView();
  const [sort, setSort] = useState<Sort | undefined>(definition.sort?.[0]);
  const [menu, setMenu] = useState<{ entry: Entry; box: DOMRect }>();
  const [chosen, setChosen] = useState<{ action: ActionBlock; document: ViewDocument }>();
  const columns = useMemo(
    () => resolveColumns(model, type, definition.columns ?? defaultColumns(type), language, (own) => t(`views:own.${own}`)),
    [model, type, definition.columns, language, t],
  );
  const query = useMemo(
    (): Query => ({
      ...found,
      // What the reader has chosen comes before what the plugin has.
      sort: [...new Set([...(sort ? [sort] : []), ...(definition.sort ?? ['updatedAt:desc'])])],
      ...selectionOf(model, type, [...columns.map(({ field }) => field), ...(type.titleField ? [type.titleField] : [])]),
    }),
    [found, sort, definition.sort, model, type, columns],
  );
  const rows = useEntryRows(type, query);
  const rowMenu = useCallback(
    ({ entry }: EntryRow) => <RowMenuButton label={t('pluginView:rowMenu', { title: titleOf(type, entry) })} onOpen={(box) => setMenu({ entry, box })} />,
    [t, type],
  );
  const go = useCallback(
    (entry: Entry, inNewTab: boolean) => {
      if (inNewTab) window.open(href(entry), '_blank', 'noopener');
      else open(entry);
    },
    [href, open],
  );
  if (rows.error) return <ErrorMessage error={rows.error} retry={rows.retry} />;
  if (rows.isPending) {
    return (
      <Delayed>
        <Skeleton h={160} />
      </Delayed>
    );
  }
  if (rows.total === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('views:dashboard.nothing')}
      </Text>
    );
  }
  const documentOf = (entry: Entry): ViewDocument => ({ contentType: type.uid, documentId: entry.documentId, ...(type.localized && (entry.locale ?? locale) ? { locale: entry.locale ?? locale } : {}) });
  return (
    <>
      <div className={classes.table} style={{ height: `min(70dvh, ${rows.total * ROW + HEAD + 16}px)` }}>
        <EntryTable type={type} label={label} columns={columns} rows={rows} rowHeight={ROW} href={href} open={go} sort={sort} onSort={setSort} menu={actions.length > 0 ? rowMenu : undefined} />
      </div>
      {menu && (
        <Menu opened onChange={(stays) => !stays && setMenu(undefined)} position="bottom-end" withinPortal returnFocus>
          <Menu.Target>
            <span style={{ position: 'fixed', left: menu.box.left, top: menu.box.top, width: menu.box.width, height: menu.box.height, pointerEvents: 'none' }} />
          </Menu.Target>
          <Menu.Dropdown>
            {actions.map((action) => (
              <ActionItem key={action.id} action={action} choose={() => setChosen({ action, document: documentOf(menu.entry) })} />
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {chosen && <Doing key={`${chosen.action.id} ${chosen.document.documentId}`} {...chosen} done={() => setChosen(undefined)} />}
    </>
  );
}

function ActionItem({ action, choose }: { action: ActionBlock; choose: () => void }) {
  const name = useActionName(action);
  return (
    <Menu.Item color={action.tone === 'danger' || (!action.call && action.id === 'delete') ? 'red' : undefined} disabled={action.disabled !== undefined} onClick={choose}>
      {name}
    </Menu.Item>
  );
}

/** An action on a row: always asked for in a dialog, where it can say what went wrong. */
function Doing({ action, document, done }: { action: ActionBlock; document: ViewDocument; done: () => void }) {
  const { run } = useAction(action, document);
  const watched = { ...run, mutate: (values: Record<string, unknown>) => run.mutate(values, { onSuccess: done }) } as typeof run;
  return <ActionDialog action={action} run={watched} close={done} />;
}
