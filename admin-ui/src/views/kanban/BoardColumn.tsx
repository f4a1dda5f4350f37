import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine';
import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import {
  attachClosestEdge,
  type Edge,
  extractClosestEdge,
} from '@atlaskit/pragmatic-drag-and-drop-hitbox/closest-edge';
import { ActionIcon, Menu, Text, VisuallyHidden } from '@mantine/core';
import { IconArrowBarToUp, IconArrowDown, IconArrowsMove, IconArrowUp } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatNumber } from '@/ui/format';
import { MoreButton } from '@/ui/MoreButton';
import { Card, titleOf } from '../cells/Card';
import type { KanbanViewDef } from '../definition';
import type { EntriesViewProps } from '../EntriesViewProps';
import type { EntryRow } from '../entries/useEntryRows';
import classes from './Kanban.module.css';
import type { CardMoves } from './useCardMoves';
import { useColumnPages } from './useColumnPages';
import type { BoardColumn as Column } from './useColumns';

interface Props extends EntriesViewProps<KanbanViewDef> {
  /** Of its element on the page. */
  id: string;
  column: Column;
  columns: readonly Column[];
  /** The column's number. */
  at: number;
  /** It is shown alone, chosen in a bar of tabs. */
  isTabPanel: boolean;
  /** What its cards add up to. */
  total: string | undefined;
  moves: CardMoves;
}

/** A column with its cards. */
export function BoardColumn(props: Props) {
  const { id, column, moves, total: sum, at, isTabPanel } = props;
  const { t } = useTranslation(['views', 'common']);
  const box = useRef<HTMLElement>(null);
  const [over, setOver] = useState(false);
  const { pages, rows, count } = useColumnPages(props, column);
  useEffect(() => {
    const element = box.current;
    const { canRegroup, canReorder, move } = moves;
    if (!element || !(canRegroup || canReorder)) return undefined;
    return dropTargetForElements({
      element,
      canDrop: ({ source }) => accepts(moves, column, source.data),
      onDragEnter: () => setOver(true),
      onDragLeave: () => setOver(false),
      onDrop: ({ source, location }) => {
        setOver(false);
        const row = source.data.row as EntryRow;
        const onto = location.current.dropTargets.find(({ data }) => typeof data.card === 'string');
        // It is back where it was taken from.
        if (onto?.data.card === row.entry.documentId) return;
        const others = rows.filter(({ entry }) => entry.documentId !== row.entry.documentId);
        const index = others.findIndex(({ entry }) => entry.documentId === onto?.data.card);
        const isBelow = onto !== undefined && extractClosestEdge(onto.data) === 'bottom';
        void move(row, source.data.from as Column, column, index < 0 ? 'end' : index + (isBelow ? 1 : 0));
      },
    });
  }, [column, moves, rows]);
  return (
    <section
      ref={box}
      id={id}
      className={classes.column}
      // Reached from the strip of columns.
      tabIndex={-1}
      {...(isTabPanel ? { role: 'tabpanel' } : {})}
      data-over={over ? '' : undefined}
      aria-label={column.label}
    >
      <header className={classes.head}>
        <Text fw={500} size="sm" truncate>
          {column.colour && <span className={classes.colour} style={{ background: column.colour }} aria-hidden />}
          {column.label}
        </Text>
        {count !== undefined && <CardCount count={count} limit={column.limit} />}
        {sum !== undefined && (
          <Text size="xs" c="dimmed" className={classes.sum}>
            <VisuallyHidden>{t('views:board.total')} </VisuallyHidden>
            {sum}
          </Text>
        )}
      </header>
      {pages.error && <ErrorMessage error={pages.error} retry={() => void pages.refetch()} />}
      <ul className={classes.cards} data-column={at}>
        {rows.map((row, index) => (
          <BoardCard key={row.entry.documentId} {...props} row={row} index={index} last={index === rows.length - 1} />
        ))}
      </ul>
      {count === 0 && (
        <Text size="xs" c="dimmed" ta="center" py="sm">
          {t('views:board.empty')}
        </Text>
      )}
      <MoreButton pages={pages} variant="subtle" size="compact-sm" fullWidth />
    </section>
  );
}

/** Whether a column takes what is dragged: a card of its board, from itself only where that changes its place. */
function accepts(
  { board, canRegroup, canReorder }: CardMoves,
  column: Column,
  dragged: Record<string | symbol, unknown>,
): boolean {
  if (dragged.board !== board) return false;
  return (dragged.from as Column).value === column.value ? canReorder : canRegroup;
}

/** How many cards a column has, and how many it should have at most. */
function CardCount({ count, limit }: { count: number; limit: number | undefined }) {
  const { t } = useTranslation('views');
  const isOver = limit !== undefined && count > limit;
  const label =
    limit === undefined
      ? t('board.count', { count })
      : t(isOver ? 'board.overLimit' : 'board.limit', { count, limit: formatNumber(limit) });
  return (
    <Text
      size="xs"
      c={isOver ? undefined : 'dimmed'}
      className={classes.count}
      data-over-limit={isOver ? '' : undefined}
    >
      <span aria-hidden>
        {limit === undefined ? formatNumber(count) : `${formatNumber(count)} / ${formatNumber(limit)}`}
      </span>
      <VisuallyHidden>{label}</VisuallyHidden>
    </Text>
  );
}

interface CardProps extends Props {
  row: EntryRow;
  /** Its place among the loaded cards of its column. */
  index: number;
  last: boolean;
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
  index,
  last,
  moves,
}: CardProps) {
  const card = useRef<HTMLLIElement>(null);
  const [dragged, setDragged] = useState(false);
  const [edge, setEdge] = useState<Edge | null>(null);
  const { documentId } = row.entry;
  useEffect(() => {
    const element = card.current;
    const { board, canRegroup, canReorder } = moves;
    if (!element || !(canRegroup || canReorder)) return undefined;
    const source = draggable({
      element,
      getInitialData: () => ({ board, row, from: column }),
      onDragStart: () => setDragged(true),
      onDrop: () => setDragged(false),
    });
    if (!canReorder) return source;
    // The column around it takes what is dropped; the card says where.
    const target = dropTargetForElements({
      element,
      canDrop: ({ source: { data } }) => accepts(moves, column, data),
      getData: ({ input }) =>
        attachClosestEdge({ card: documentId }, { element, input, allowedEdges: ['top', 'bottom'] }),
      onDrag: ({ self, source: { data } }) =>
        setEdge((data.row as EntryRow).entry.documentId === documentId ? null : extractClosestEdge(self.data)),
      onDragLeave: () => setEdge(null),
      onDrop: () => setEdge(null),
    });
    return combine(source, target);
  }, [row, documentId, column, moves]);
  const regroup = (to: Column): void => {
    void moves.move(row, column, to, 'top').then(() => focusCard(documentId));
  };
  const reorder = (to: number): void => {
    if (to < 0 || (last && to > index)) return;
    void moves.move(row, column, column, to).then(() => focusCard(documentId));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const along = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.altKey && across) {
      event.preventDefault();
      const to = columns[at + across];
      if (to) regroup(to);
    } else if (event.altKey && along && moves.canReorder) {
      event.preventDefault();
      reorder(index + along);
    } else if (along) {
      const next = along > 0 ? card.current?.nextElementSibling : card.current?.previousElementSibling;
      if (next instanceof HTMLElement) {
        event.preventDefault();
        next.querySelector<HTMLElement>('a')?.focus();
      }
    } else if (across && !event.ctrlKey && !event.metaKey) {
      const next = document.querySelector<HTMLElement>(`[data-column="${at + across}"] a`);
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
      data-card={documentId}
      data-dragged={dragged ? '' : undefined}
      data-moving={moves.moving === documentId ? '' : undefined}
      data-edge={edge ?? undefined}
      data-ordered={moves.canReorder ? '' : undefined}
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
            {(moves.canRegroup || moves.canReorder) && (
              <MoveMenu
                title={titleOf(type, row.entry, definition.title)}
                column={column}
                columns={columns}
                moves={moves}
                index={index}
                last={last}
                regroup={regroup}
                reorder={reorder}
              />
            )}
          </>
        }
      />
    </li>
  );
}

/** All that dragging does, as a menu. */
function MoveMenu({
  title,
  column,
  columns,
  moves: { canRegroup, canReorder },
  index,
  last,
  regroup,
  reorder,
}: Pick<CardProps, 'column' | 'columns' | 'moves' | 'index' | 'last'> & {
  title: string;
  regroup: (to: Column) => void;
  reorder: (to: number) => void;
}) {
  const { t } = useTranslation('views');
  const keys = [
    ...(canRegroup ? ['Alt+ArrowLeft', 'Alt+ArrowRight'] : []),
    ...(canReorder ? ['Alt+ArrowUp', 'Alt+ArrowDown'] : []),
  ];
  return (
    <Menu position="bottom-end" withinPortal returnFocus>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={24}
          aria-label={t('board.move', { title })}
          aria-keyshortcuts={keys.join(' ')}
        >
          <IconArrowsMove size={14} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {canReorder && (
          <>
            <Menu.Item
              leftSection={<IconArrowUp size={16} aria-hidden />}
              disabled={index === 0}
              onClick={() => reorder(index - 1)}
            >
              {t('board.moveUp')}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconArrowDown size={16} aria-hidden />}
              disabled={last}
              onClick={() => reorder(index + 1)}
            >
              {t('board.moveDown')}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconArrowBarToUp size={16} aria-hidden />}
              disabled={index === 0}
              onClick={() => reorder(0)}
            >
              {t('board.moveToTop')}
            </Menu.Item>
          </>
        )}
        {canReorder && canRegroup && <Menu.Divider />}
        {canRegroup && (
          <>
            <Menu.Label>{t('board.moveTo')}</Menu.Label>
            {columns.map((to) => (
              <Menu.Item key={to.value ?? ''} disabled={to.value === column.value} onClick={() => regroup(to)}>
                {to.label}
              </Menu.Item>
            ))}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** A card that was moved is drawn anew elsewhere, and the focus goes with it; not from where somebody has gone meanwhile. */
function focusCard(documentId: string): void {
  const focus = (): void => {
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    for (const card of document.querySelectorAll<HTMLElement>('[data-card]')) {
      if (card.dataset.card === documentId) card.querySelector<HTMLElement>('a')?.focus();
    }
  };
  // In the second frame it is drawn.
  requestAnimationFrame(() => requestAnimationFrame(focus));
}
