import { Skeleton, Text } from '@mantine/core';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Entry, Query } from '@/api/content';
import { contentTypeOf, type ContentType, pluralNameOf } from '@/api/model';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { EntriesWidget } from '@/views/dashboard/EntriesWidget';
import { type EntriesViewDef, labelText, type Sort, type TableViewDef } from '@/views/definition';
import { type EntryRow, useEntryRows } from '@/views/entries/useEntryRows';
import { selectFields } from '@/views/selection';
import { columnFields, defaultColumns, resolveColumns } from '@/views/table/columns';
import { EntryTable } from '@/views/table/EntryTable';
import { useFittingColumns } from '@/views/table/useFittingColumns';
import { useView } from '../context';
import type { ActionBlock, Block, MoveBlock } from '../types';
import { BlockSection } from './BlockSection';
import classes from './Entries.module.css';
import { MissingContentType, InvalidQuery } from './MissingContentType';
import { RowActions, type RowMenu } from './RowActions';
import { useMove } from './useMove';
import { useEntriesOf } from './useQueryOf';

type EntriesBlock = Extract<Block, { kind: 'table' | 'kanban' | 'calendar' | 'timeline' | 'gallery' | 'tree' }>;

/** Documents in one of the generic views: read, paged, sorted and checked by the host, with the rights of whoever looks. */
export default function Entries({ block }: { block: EntriesBlock }) {
  const { model, language } = useView();
  const { type, definition, query, problems } = useEntriesOf(block);
  if (!contentTypeOf(model, block.type)) return <MissingContentType type={block.type} />;
  if (!type || !definition) return <InvalidQuery problems={problems} />;
  const label = labelText(definition.label, language);
  return (
    <BlockSection label={label} name={pluralNameOf(type)}>
      <EntriesContent
        type={type}
        definition={definition}
        query={query}
        actions={block.actions ?? []}
        move={'move' in block ? block.move : undefined}
        label={label ?? pluralNameOf(type)}
      />
    </BlockSection>
  );
}

interface EntriesContentProps {
  type: ContentType;
  definition: EntriesViewDef;
  query: Query;
  actions: readonly ActionBlock[];
  move: MoveBlock | undefined;
  label: string;
}

function EntriesContent(props: EntriesContentProps) {
  const { type, definition, query } = props;
  const { model, viewer, navigation, roomy } = useView();
  const { href, open } = navigation;
  const toPage = useCallback((entry: Entry) => href(type.uid, entry), [href, type.uid]);
  const go = useCallback((entry: Entry) => open(type.uid, entry), [open, type.uid]);
  const locale = type.localized ? (definition.locale ?? viewer.locale) : undefined;
  const { move, dialog } = useMove(type, props.move, locale);
  return (
    <RowActions
      type={type}
      actions={props.actions}
      title={'title' in definition ? definition.title : undefined}
      locale={locale}
      alone={definition.kind !== 'table'}
    >
      {(menu) =>
        definition.kind === 'table' && (roomy || menu) ? (
          <Rows {...props} definition={definition} href={toPage} open={go} menu={menu} />
        ) : (
          <>
            <div className={roomy ? classes.roomy : undefined}>
              <EntriesWidget
                model={model}
                type={type}
                definition={definition}
                query={query}
                href={toPage}
                open={go}
                locale={locale}
                menu={menu}
                move={move}
              />
            </div>
            {dialog}
          </>
        )
      }
    </RowActions>
  );
}

const ROW = 44;
const HEAD = 42;

interface RowsProps extends EntriesContentProps {
  definition: TableViewDef;
  href: (entry: Entry) => string;
  open: (entry: Entry) => void;
  menu: RowMenu | undefined;
}

/** A table of whatever length. As high as it has to be, and no higher than the screen. */
function Rows({ type, definition, query, label, href, open, menu }: RowsProps) {
  const { t } = useTranslation('views');
  const { model, language } = useView();
  const [sort, setSort] = useState<Sort | undefined>(definition.sort?.[0]);
  const columns = useMemo(
    () => resolveColumns(model, type, definition.columns ?? defaultColumns(type), language, (own) => t(`own.${own}`)),
    [model, type, definition.columns, language, t],
  );
  const fitting = useFittingColumns(columns);
  const listQuery = useMemo(
    (): Query => ({
      ...query,
      // What the reader has chosen comes before what the plugin has.
      sort: [...new Set([...(sort ? [sort] : []), ...(definition.sort ?? ['updatedAt:desc'])])],
      ...selectFields(model, type, columnFields(type, columns)),
    }),
    [query, sort, definition.sort, model, type, columns],
  );
  const rows = useEntryRows(type, listQuery);
  const rowMenu = useMemo(() => menu && (({ entry }: EntryRow) => menu(entry)), [menu]);
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
      <DelayedContent>
        <Skeleton h={160} />
      </DelayedContent>
    );
  }
  if (rows.total === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('dashboard.nothing')}
      </Text>
    );
  }
  return (
    <div className={classes.table} style={{ height: `min(70dvh, ${rows.total * ROW + HEAD + 16}px)` }}>
      <EntryTable
        type={type}
        label={label}
        columns={fitting}
        rows={rows}
        rowHeight={ROW}
        href={href}
        open={go}
        sort={sort}
        onSort={setSort}
        menu={rowMenu}
      />
    </div>
  );
}
