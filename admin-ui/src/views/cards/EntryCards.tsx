import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Entry } from '@/api/content';
import type { ContentType } from '@/api/model';
import { useSession } from '@/api/session';
import { HighlightedText } from '@/ui/HighlightedText';
import { RelativeTime } from '@/ui/RelativeTime';
import { isBlank, titleOf } from '../cells/Card';
import { StateCell } from '../cells/EntryCell';
import { FormattedValue } from '../cells/FormattedValue';
import { LanguagesCell } from '../cells/LanguagesCell';
import { navigateOnClick } from '../cells/navigateOnClick';
import type { EntryRow, EntryRows } from '../entries/useEntryRows';
import { titleFields, valueAt } from '../fieldPath';
import type { TableColumn } from '../table/columns';
import type { RowSelection, TableHandle } from '../table/EntryTable';
import classes from './EntryCards.module.css';

interface Props {
  type: ContentType;
  label: string;
  /** The columns that a table would have: the first of them that say something are on the card. */
  columns: readonly TableColumn[];
  rows: EntryRows;
  /** The address of an entry's page. */
  href: (entry: Entry) => string;
  open: (entry: Entry, inNewTab: boolean) => void;
  selection?: RowSelection | undefined;
  /** The menu at the right of a card. */
  menu?: ((row: EntryRow) => ReactNode) | undefined;
  ref?: Ref<TableHandle>;
}

/** Height in pixels that a card is taken to have until it is drawn. */
const CARD_HEIGHT_PX = 108;

/** Values of columns that a card has room for. */
const VALUES = 2;

/** Cards that are drawn above and below what is in view. */
const OVERSCAN = 6;

/** Entries of whatever number on a phone, each a card: what it is called, the first of its columns, how it stands, its languages, when it changed. */
export default function EntryCards({ type, label, columns, rows, href, open, selection, menu, ref }: Props) {
  const { t } = useTranslation('views');
  const { locales } = useSession();
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLUListElement>(null);
  // It draws again whenever somebody scrolls, and what it is handed is memoised by hand.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: rows.total,
    getScrollElement: () => scroller.current,
    estimateSize: () => CARD_HEIGHT_PX,
    overscan: OVERSCAN,
    useFlushSync: false,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const { setVisibleRange } = rows;
  useEffect(() => setVisibleRange(first, last), [setVisibleRange, first, last]);
  // A keyboard goes from link to link: the shortcuts of tables do the same here.
  const links = () => [...(list.current?.querySelectorAll<HTMLElement>('a[data-title]') ?? [])];
  const current = () => links().findIndex((link) => link.closest('li')?.contains(document.activeElement));
  useImperativeHandle(ref, () => ({
    focus: () => links()[0]?.focus(),
    step: (by) => links()[Math.max(0, current() + by)]?.focus(),
    select: () => {
      const index = links()[current()]?.closest('li')?.dataset.index;
      const row = index === undefined ? undefined : rows.at(Number(index));
      if (row) selection?.toggle(row.entry);
    },
  }));
  return (
    <div ref={scroller} className={classes.scroll} aria-busy={rows.isStale || rows.isPending}>
      <ul
        ref={list}
        className={`${classes.cards} ${rows.isStale ? classes.stale : ''}`}
        aria-label={label}
        style={{ height: virtual.getTotalSize() }}
      >
        {items.map(({ index, start }) => {
          const row = rows.at(index);
          return (
            <li
              key={index}
              ref={virtual.measureElement}
              className={classes.card}
              data-index={index}
              data-selected={row && selection?.has(row.entry.documentId) ? '' : undefined}
              aria-setsize={rows.total}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start}px)` }}
            >
              {row ? (
                <>
                  {selection && (
                    <label className={classes.check}>
                      <input
                        type="checkbox"
                        aria-label={t('table.select', { title: titleOf(type, row.entry) })}
                        checked={selection.has(row.entry.documentId)}
                        onChange={() => selection.toggle(row.entry)}
                      />
                    </label>
                  )}
                  <div className={classes.text}>
                    <a
                      className={classes.title}
                      data-title
                      href={href(row.entry)}
                      onClick={navigateOnClick(() => open(row.entry, false))}
                    >
                      <HighlightedText text={titleOf(type, row.entry)} />
                    </a>
                    <CardValues type={type} columns={columns} entry={row.entry} />
                    <div className={classes.facts}>
                      {type.draftAndPublish && <StateCell state={row.state} />}
                      {type.localized && locales.available.length > 1 && (
                        <LanguagesCell
                          alone
                          type={type}
                          entry={row.entry}
                          state={row.state}
                          href={href}
                          open={(entry) => open(entry, false)}
                        />
                      )}
                      {row.entry.updatedAt && (
                        <span className={classes.time}>
                          <RelativeTime at={row.entry.updatedAt} />
                        </span>
                      )}
                    </div>
                  </div>
                  {menu && <div className={classes.menu}>{menu(row)}</div>}
                </>
              ) : (
                <PendingCard retry={rows.failed(index) ? rows.retry : undefined} />
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** A card whose entry has not come yet, or did not come. */
function PendingCard({ retry }: { retry: (() => void) | undefined }) {
  const { t } = useTranslation(['views', 'common']);
  if (!retry) return <span className={classes.bone} />;
  return (
    <span className={classes.text}>
      {t('views:table.failed')}{' '}
      <button type="button" className={classes.again} onClick={retry}>
        {t('common:retry')}
      </button>
    </span>
  );
}

/** The first columns that have a value, but for those that a card has in any case, and what is part of an address. */
function CardValues({ type, columns, entry }: { type: ContentType; columns: readonly TableColumn[]; entry: Entry }) {
  const shown = [...titleFields(type), 'updatedAt'];
  const filled = columns.filter(
    ({ at, field }) => at && at.attribute.type !== 'uid' && !shown.includes(field) && !isBlank(valueAt(entry, field)),
  );
  return filled.length === 0 ? null : (
    <dl className={classes.values}>
      {filled.slice(0, VALUES).map(
        ({ at, field, label, format }) =>
          at && (
            <div key={field}>
              <dt>{label}</dt>
              <dd>
                <FormattedValue entry={entry} field={field} at={at} format={format} />
              </dd>
            </div>
          ),
      )}
    </dl>
  );
}
