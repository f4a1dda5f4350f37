import { Skeleton, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { listEntries, type Query } from '@/api/content';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { lazyPart } from '@/ui/lazyPart';
import { titleOf } from '../cells/Card';
import { navigateOnClick } from '../cells/navigateOnClick';
import { FormattedValue } from '../cells/FormattedValue';
import { StateFieldCell } from '../cells/StateFieldCell';
import type { EntriesViewDef, TableViewDef } from '../definition';
import type { EntriesViewProps } from '../EntriesViewProps';
import { entriesKey } from '../entries/useEntryRows';
import { valueAt } from '../fieldPath';
import { selectFields } from '../selection';
import { columnFields, defaultColumns, resolveColumns } from '../table/columns';
import classes from './Dashboard.module.css';

const KanbanView = lazyPart(async () => ({ default: (await import('../kanban/KanbanView')).KanbanView }));
const CalendarView = lazyPart(async () => ({ default: (await import('../calendar/CalendarView')).CalendarView }));
const TimelineView = lazyPart(async () => ({ default: (await import('../timeline/TimelineView')).TimelineView }));
const TreeView = lazyPart(async () => ({ default: (await import('../tree/TreeView')).TreeView }));
const GalleryView = lazyPart(async () => ({ default: (await import('../gallery/GalleryView')).GalleryView }));

/** Entries that a list on a dashboard shows. */
const MAX_ROWS = 8;

/** Columns of a list on a dashboard that nobody has chosen any for. */
const DEFAULT_COLUMN_COUNT = 3;

/** A view of entries, in the room of a widget. */
export function EntriesWidget(props: EntriesViewProps<EntriesViewDef>) {
  const { definition } = props;
  if (definition.kind === 'table') return <ShortList {...props} definition={definition} />;
  const fallback = (
    <DelayedContent>
      <Skeleton h={240} />
    </DelayedContent>
  );
  return (
    <div className={classes.room}>
      {definition.kind === 'kanban' && <KanbanView {...props} definition={definition} fallback={fallback} />}
      {definition.kind === 'calendar' && <CalendarView {...props} definition={definition} fallback={fallback} />}
      {definition.kind === 'timeline' && <TimelineView {...props} definition={definition} fallback={fallback} />}
      {definition.kind === 'tree' && <TreeView {...props} definition={definition} fallback={fallback} />}
      {definition.kind === 'gallery' && <GalleryView {...props} definition={definition} fallback={fallback} />}
    </div>
  );
}

/** The first entries of a table. */
function ShortList({ model, type, definition, query: entryQuery, href, open }: EntriesViewProps<TableViewDef>) {
  const { t, i18n } = useTranslation('views');
  const columns = useMemo(
    () =>
      resolveColumns(
        model,
        type,
        definition.columns ?? defaultColumns(type).slice(0, DEFAULT_COLUMN_COUNT),
        i18n.resolvedLanguage ?? 'en',
        (own) => t(`own.${own}`),
      ),
    [model, type, definition.columns, i18n.resolvedLanguage, t],
  );
  const query = useMemo(
    (): Query => ({
      ...entryQuery,
      sort: definition.sort ?? ['updatedAt:desc'],
      ...selectFields(model, type, columnFields(type, columns)),
    }),
    [entryQuery, definition.sort, model, type, columns],
  );
  const { data, error, refetch } = useQuery({
    queryKey: [...entriesKey(type.uid), 'short', query],
    queryFn: ({ signal }) =>
      listEntries(type, { ...query, pagination: { pageSize: MAX_ROWS, withCount: false } }, signal),
  });
  if (error) return <ErrorMessage error={error} retry={() => void refetch()} />;
  if (!data) {
    return (
      <DelayedContent>
        <Skeleton h={160} />
      </DelayedContent>
    );
  }
  if (data.entries.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('dashboard.nothing')}
      </Text>
    );
  }
  return (
    <Table.ScrollContainer minWidth={Math.min(columns.length, 4) * 110} type="native">
      <Table>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ field, label }) => (
              <Table.Th key={field}>{label}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.entries.map((entry) => (
            <Table.Tr key={entry.documentId}>
              {columns.map(({ field, at, format }, index) => {
                const value = valueAt(entry, field);
                const cell = at ? (
                  <FormattedValue entry={entry} field={field} at={at} format={format} />
                ) : (
                  <StateFieldCell
                    type={type}
                    field={field}
                    row={{ entry, state: data.states[entry.documentId], review: data.reviews[entry.documentId] }}
                    href={href}
                    open={open}
                  />
                );
                if (index > 0) return <Table.Td key={field}>{cell}</Table.Td>;
                return (
                  <Table.Td key={field}>
                    <a className={classes.link} href={href(entry)} onClick={navigateOnClick(() => open(entry))}>
                      {value === null || value === undefined || value === '' ? titleOf(type, entry) : cell}
                    </a>
                  </Table.Td>
                );
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
