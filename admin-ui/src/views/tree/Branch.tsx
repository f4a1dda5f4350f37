import { Button } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useId, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listEntries, type Query } from '@/api/content';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { Card, cardFields } from '../cells/Card';
import type { TreeViewDef } from '../definition';
import type { EntriesViewProps } from '../EntriesViewProps';
import { entriesKey, type EntryRow } from '../entries/useEntryRows';
import { selectFields } from '../selection';
import classes from './Tree.module.css';

/** Entries of a branch that are fetched at a time. */
const PAGE_SIZE = 50;

interface Props extends EntriesViewProps<TreeViewDef> {
  /** The document they lie below; `null`: those that lie below none; `undefined`: whatever is found. */
  below: string | null | undefined;
  level: number;
}

/** The entries below another. */
export function Branch(props: Props) {
  const { model, type, definition, query: entryQuery, below, level } = props;
  const { t } = useTranslation(['views', 'common']);
  const { parent } = definition;
  const children = type.attributes[parent]?.inversedBy;
  const query = useMemo((): Query => {
    const { filters, populate, fields } = {
      filters: entryQuery.filters,
      ...selectFields(model, type, cardFields(type, definition)),
    };
    const lies =
      below === undefined ? undefined : { [parent]: below === null ? { $null: true } : { documentId: { $eq: below } } };
    const language = entryQuery.locale ? { locale: entryQuery.locale } : {};
    const status = entryQuery.status ? { status: entryQuery.status } : {};
    return {
      // Below something it is all there is that is shown, not only what was searched for.
      ...(below === undefined ? entryQuery : { ...language, ...status }),
      ...(lies ? { filters: lies } : filters ? { filters } : {}),
      sort: definition.sort ?? [`${type.titleField ?? 'createdAt'}:asc`],
      fields,
      populate: { ...populate, ...(children ? { [children]: { fields: ['documentId'] } } : {}) },
    };
  }, [entryQuery, below, definition, parent, children, model, type]);
  const entries = useInfiniteQuery({
    queryKey: [...entriesKey(type.uid), 'tree', query],
    queryFn: ({ pageParam, signal }) =>
      listEntries(type, { ...query, pagination: { page: pageParam, pageSize: PAGE_SIZE } }, signal),
    initialPageParam: 1,
    getNextPageParam: (last, pages) => (pages.length * PAGE_SIZE < last.total ? pages.length + 1 : undefined),
  });
  const rows = (entries.data?.pages ?? []).flatMap((page) =>
    page.entries.map(
      (entry): EntryRow => ({ entry, state: page.states[entry.documentId], review: page.reviews[entry.documentId] }),
    ),
  );
  if (entries.error) {
    return (
      <li role="none">
        <ErrorMessage error={entries.error} retry={() => void entries.refetch()} />
      </li>
    );
  }
  return (
    <>
      {rows.map((row, at) => (
        <BranchRow
          key={row.entry.documentId}
          {...props}
          row={row}
          leaf={children !== undefined && Array.isArray(row.entry[children]) && row.entry[children].length === 0}
          first={level === 1 && at === 0}
        />
      ))}
      {entries.isSuccess && rows.length === 0 && (
        <li role="none" className={classes.none}>
          {t('views:tree.nothing')}
        </li>
      )}
      {entries.hasNextPage && (
        <li role="none">
          <Button
            variant="subtle"
            size="compact-sm"
            loading={entries.isFetchingNextPage}
            onClick={() => void entries.fetchNextPage()}
          >
            {t('common:more')}
          </Button>
        </li>
      )}
    </>
  );
}

function BranchRow({ row, leaf, first, ...props }: Props & { row: EntryRow; leaf: boolean; first: boolean }) {
  const below = useId();
  const [open, setOpen] = useState(false);
  const { model, type, definition, href, level, menu } = props;
  return (
    <li role="none">
      <div
        role="treeitem"
        aria-level={level}
        aria-expanded={leaf ? undefined : open}
        aria-owns={open ? below : undefined}
        aria-selected={false}
        tabIndex={first ? 0 : -1}
        className={classes.line}
      >
        {leaf ? (
          <span className={classes.toggle} />
        ) : (
          // The entry itself says whether it is open, and arrows do the same by keyboard.
          <button
            type="button"
            tabIndex={-1}
            aria-hidden
            data-toggle
            className={classes.toggle}
            data-open={open ? '' : undefined}
            onClick={() => setOpen(!open)}
          >
            <IconChevronRight size={14} aria-hidden />
          </button>
        )}
        <div className={classes.card}>
          <Card
            model={model}
            type={type}
            row={row}
            title={definition.title}
            badges={definition.badges}
            href={href}
            open={props.open}
          />
        </div>
        {menu?.(row.entry)}
      </div>
      {open && (
        <ul id={below} role="group" className={classes.branch}>
          <Branch {...props} below={row.entry.documentId} level={level + 1} />
        </ul>
      )}
    </li>
  );
}
