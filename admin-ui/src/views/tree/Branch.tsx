import { IconChevronRight } from '@tabler/icons-react';
import { useId, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Query } from '@/api/content';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { MoreButton } from '@/ui/MoreButton';
import { Card, cardFields } from '../cells/Card';
import type { TreeViewDef } from '../definition';
import type { EntriesViewProps } from '../EntriesViewProps';
import { useEntryPages } from '../entries/useEntryPages';
import type { EntryRow } from '../entries/useEntryRows';
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
  const { pages, rows } = useEntryPages(type, 'tree', query, PAGE_SIZE);
  if (pages.error) {
    return (
      <li role="none">
        <ErrorMessage error={pages.error} retry={() => void pages.refetch()} />
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
      {pages.isSuccess && rows.length === 0 && (
        <li role="none" className={classes.none}>
          {t('views:tree.nothing')}
        </li>
      )}
      {pages.hasNextPage && (
        <li role="none">
          <MoreButton pages={pages} variant="subtle" size="compact-sm" />
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
