import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine';
import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { ActionIcon, Menu, Text } from '@mantine/core';
import { IconArrowsMove } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Query } from '@/api/content';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatNumber } from '@/ui/format';
import { MoreButton } from '@/ui/MoreButton';
import { Card, cardFields, titleOf } from '../cells/Card';
import type { KanbanViewDef } from '../definition';
import type { EntriesViewProps } from '../EntriesViewProps';
import { useEntryPages } from '../entries/useEntryPages';
import type { EntryRow } from '../entries/useEntryRows';
import { selectFields } from '../selection';
import classes from './Kanban.module.css';
import type { BoardColumn as Column } from './useColumns';

/** Cards that a column fetches at a time. */
const PAGE_SIZE = 25;

interface Props extends EntriesViewProps<KanbanViewDef> {
  column: Column;
  columns: readonly Column[];
  /** The column's number. */
  at: number;
  moving: string | null;
  move: ((row: EntryRow, to: Column) => Promise<void>) | undefined;
}

/** A column with its cards. */
export function BoardColumn(props: Props) {
  const { model, type, definition, query: entryQuery, column, move, at } = props;
  const { t } = useTranslation(['views', 'common']);
  const box = useRef<HTMLElement>(null);
  const [over, setOver] = useState(false);
  const { narrow } = column;
  const query = useMemo((): Query => {
    return {
      ...narrow(entryQuery),
      sort: definition.sort ?? ['updatedAt:desc'],
      ...selectFields(model, type, cardFields(type, definition)),
    };
    // The column is made anew with each drawing; which one it is does not change.
    // eslint-disable-next-line react/exhaustive-deps
  }, [entryQuery, column.value, definition, model, type]);
  const { pages, rows } = useEntryPages(type, 'board', query, PAGE_SIZE);
  useEffect(() => {
    const element = box.current;
    if (!element || !move) return undefined;
    return dropTargetForElements({
      element,
      canDrop: ({ source }) => source.data.board === type.uid && source.data.from !== column.value,
      onDragEnter: () => setOver(true),
      onDragLeave: () => setOver(false),
      onDrop: ({ source }) => {
        setOver(false);
        void move(source.data.row as EntryRow, column);
      },
    });
  }, [column, move, type.uid]);
  const total = pages.data?.pages[0]?.total;
  return (
    <section ref={box} className={classes.column} data-over={over ? '' : undefined} aria-label={column.label}>
      <header className={classes.head}>
        <Text fw={600} size="sm" truncate>
          {column.colour && <span className={classes.colour} style={{ background: column.colour }} aria-hidden />}
          {column.label}
        </Text>
        {total !== undefined && (
          <Text size="xs" c="dimmed" aria-label={t('views:board.count', { count: total })}>
            {formatNumber(total)}
          </Text>
        )}
      </header>
      {pages.error && <ErrorMessage error={pages.error} retry={() => void pages.refetch()} />}
      <ul className={classes.cards} data-column={at}>
        {rows.map((row) => (
          <BoardCard key={row.entry.documentId} {...props} row={row} />
        ))}
      </ul>
      {total === 0 && (
        <Text size="xs" c="dimmed" ta="center" py="sm">
          {t('views:board.empty')}
        </Text>
      )}
      <MoreButton pages={pages} variant="subtle" size="compact-sm" fullWidth />
    </section>
  );
}

function BoardCard({
  model,
  type,
  definition,
  href,
  open,
  menu,
  row,
  column,
  columns,
  at,
  moving,
  move,
}: Props & { row: EntryRow }) {
  const { t } = useTranslation('views');
  const card = useRef<HTMLLIElement>(null);
  const [dragged, setDragged] = useState(false);
  useEffect(() => {
    const element = card.current;
    if (!element || !move) return undefined;
    return combine(
      draggable({
        element,
        getInitialData: () => ({ board: type.uid, row, from: column.value }),
        onDragStart: () => setDragged(true),
        onDrop: () => setDragged(false),
      }),
    );
  }, [row, column.value, move, type.uid]);
  const title = titleOf(type, row.entry, definition.title);
  const shift = (by: number): void => {
    const to = columns[at + by];
    if (to && move) void move(row, to).then(() => focusCard(row.entry.documentId));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.altKey && step) {
      event.preventDefault();
      shift(step);
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const next = event.key === 'ArrowDown' ? card.current?.nextElementSibling : card.current?.previousElementSibling;
      if (next instanceof HTMLElement) {
        event.preventDefault();
        next.querySelector<HTMLElement>('a')?.focus();
      }
    } else if (step && !event.ctrlKey && !event.metaKey) {
      const next = document.querySelector<HTMLElement>(`[data-column="${at + step}"] a`);
      if (next) {
        event.preventDefault();
        next.focus();
      }
    }
  };
  return (
    // The keys reach the card's link and menu, which have the focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <li
      ref={card}
      className={classes.card}
      data-card={row.entry.documentId}
      data-dragged={dragged ? '' : undefined}
      data-moving={moving === row.entry.documentId ? '' : undefined}
      onKeyDown={onKeyDown}
    >
      <Card
        model={model}
        type={type}
        row={row}
        title={definition.title}
        cover={definition.cover}
        badges={definition.badges}
        href={href}
        open={open}
        menu={
          <>
            {menu?.(row.entry)}
            {move && (
              <Menu position="bottom-end" withinPortal returnFocus>
                <Menu.Target>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size={24}
                    aria-label={t('board.move', { title })}
                    aria-keyshortcuts="Alt+ArrowLeft Alt+ArrowRight"
                  >
                    <IconArrowsMove size={14} aria-hidden />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Label>{t('board.moveTo')}</Menu.Label>
                  {columns.map((to) => (
                    <Menu.Item
                      key={to.value ?? ''}
                      disabled={to.value === column.value}
                      onClick={() => void move(row, to)}
                    >
                      {to.label}
                    </Menu.Item>
                  ))}
                </Menu.Dropdown>
              </Menu>
            )}
          </>
        }
      />
    </li>
  );
}

/** A card that was moved is drawn anew in another column; the focus goes with it. */
function focusCard(documentId: string): void {
  requestAnimationFrame(() => {
    for (const card of document.querySelectorAll<HTMLElement>('[data-card]')) {
      if (card.dataset.card === documentId) card.querySelector<HTMLElement>('a')?.focus();
    }
  });
}
