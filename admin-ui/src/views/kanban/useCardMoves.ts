import { useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { listEntries, preconditionOf, type Query, saveEntry } from '@/api/content';
import { formatNumber } from '@/ui/format';
import { cardFields, titleOf } from '../cells/Card';
import type { KanbanViewDef } from '../definition';
import type { EntriesViewProps } from '../EntriesViewProps';
import { loadedRows } from '../entries/useEntryPages';
import type { EntryRow } from '../entries/useEntryRows';
import { isWritable, STAGE_FIELD } from '../fieldPath';
import { canMove, type EntryMove } from '../moveEntry';
import { moveToStage } from '../review/moveToStage';
import { selectFields } from '../selection';
import { type FailedMove, useMoveEntry } from '../useMoveEntry';
import { type Placement, placeCard, type RankedCard } from './placeCard';
import type { BoardColumn } from './useColumns';

/** What keeps the pages of columns apart from those of other views. */
export const BOARD_PAGES = 'board';

/** A place in a column: an index among the loaded cards without the one that is moved, or one of its ends. */
type CardPlace = number | 'top' | 'end';

type MoveCard = (row: EntryRow, from: BoardColumn, to: BoardColumn, place: CardPlace) => Promise<void>;

/** What can be done with the cards of a board. */
export interface CardMoves {
  /** Tells its cards from those of other boards on the page. */
  board: string;
  /** Cards can go to other columns. */
  canRegroup: boolean;
  /** Cards can go to other places in a column. */
  canReorder: boolean;
  /** The document that is being moved. */
  moving: string | null;
  failed: FailedMove | undefined;
  move: MoveCard;
}

/** What a column reads of its cards. */
export function columnQuery(
  { model, type, definition, query }: EntriesViewProps<KanbanViewDef>,
  { narrow }: BoardColumn,
): Query {
  const { order } = definition;
  const sort = definition.sort ?? ['updatedAt:desc'];
  return {
    ...narrow(query),
    sort: order ? [`${order}:desc`, ...sort] : sort,
    ...selectFields(model, type, [...cardFields(type, definition), ...(order ? [order] : [])]),
  };
}

/** Moves the cards of a board. */
export function useCardMoves(props: EntriesViewProps<KanbanViewDef>): CardMoves {
  const { t } = useTranslation('views');
  const { type, definition, move: custom } = props;
  const { groupBy, order, status } = definition;
  const board = useId();
  const queries = useQueryClient();
  const { moving, failed, run } = useMoveEntry(type, custom);
  const byStage = groupBy === STAGE_FIELD;
  const locale = type.localized ? props.locale : undefined;
  // Who may move a document on in its review is for the server to say, document by document.
  const canRegroup =
    byStage && !custom?.byAction ? type.can.find && status !== 'published' : canMove(type, groupBy, status, custom);
  const canReorder = order !== undefined && canMove(type, order, status, custom);
  const rankOf = (entry: Record<string, unknown>): string | null => {
    const rank = order && entry[order];
    return typeof rank === 'string' && rank !== '' ? rank : null;
  };

  /** What has to be saved for a card to stand at a place; nothing where it stands there already. */
  const placeIn = async (row: EntryRow, to: BoardColumn, place: CardPlace): Promise<PlacedCard | undefined> => {
    const query = columnQuery(props, to);
    const { rows, total } = loadedRows(queries, type, BOARD_PAGES, query) ?? { rows: [], total: undefined };
    const { documentId } = row.entry;
    const cards = rows
      .map(({ entry }): RankedCard => ({ id: entry.documentId, rank: rankOf(entry) }))
      .filter(({ id }) => id !== documentId);
    const isComplete = total !== undefined && rows.length >= total;
    const end = isComplete ? cards.length : 0;
    const index = place === 'top' ? 0 : place === 'end' ? end : Math.min(place, cards.length);
    const before = rows.findIndex(({ entry }) => entry.documentId === documentId);
    if (before === index) return undefined;
    let nextRank: string | null = null;
    if (index === cards.length && !isComplete) {
      const next = await listEntries(type, { ...query, pagination: { start: rows.length, limit: 1 } });
      nextRank = next.entries[0] ? rankOf(next.entries[0]) : null;
    }
    return {
      ...placeCard(cards, index, nextRank),
      position: index + 1,
      total: total === undefined ? undefined : total + (before < 0 ? 1 : 0),
    };
  };

  const moveOf = (
    row: EntryRow,
    from: BoardColumn,
    to: BoardColumn,
    placed: PlacedCard | undefined,
  ): { change: EntryMove; done: string } => {
    const { documentId } = row.entry;
    const reordered = from.value === to.value;
    const title = titleOf(type, row.entry, definition.title);
    const version = row.state?.version;
    const values = {
      ...(reordered || byStage ? {} : { [groupBy]: to.saved }),
      ...(order && placed ? { [order]: placed.rank } : {}),
    };
    let waiting = order && isWritable(type, order) && status !== 'published' ? (placed?.others ?? []) : [];
    return {
      change: {
        entry: row.entry,
        title,
        place: to.label,
        reordered,
        version,
        facts: { from: from.value, to: to.value, ...(placed ? { order: placed.rank } : {}) },
        prepare: async () => {
          for (const other of waiting) {
            await saveEntry(type, other.id, { [order ?? '']: other.rank }, { precondition: 'any', locale });
            waiting = waiting.filter(({ id }) => id !== other.id);
          }
        },
        save: async (more) => {
          const data = { ...values, ...more };
          const save = async (): Promise<unknown> =>
            saveEntry(type, documentId, data, { precondition: preconditionOf(version), locale });
          if (!byStage || reordered) await save();
          else if (to.value !== null)
            await moveToStage(
              { uid: type.uid, documentId, locale },
              to.value,
              Object.keys(data).length > 0 ? save : undefined,
            );
        },
      },
      done:
        placed?.total === undefined
          ? t('board.moved', { title, column: to.label })
          : t('board.placed', {
              title,
              column: to.label,
              position: formatNumber(placed.position),
              total: formatNumber(placed.total),
            }),
    };
  };

  return {
    board,
    canRegroup,
    canReorder,
    moving,
    failed,
    move: async (row, from, to, place) => {
      const reordered = from.value === to.value;
      if (!(reordered ? canReorder : canRegroup)) return;
      const { documentId } = row.entry;
      await run({ documentId, title: titleOf(type, row.entry, definition.title) }, async () => {
        const placed = canReorder ? await placeIn(row, to, place) : undefined;
        return reordered && !placed ? undefined : moveOf(row, from, to, placed);
      });
    },
  };
}

interface PlacedCard extends Placement {
  /** From one. */
  position: number;
  /** Cards of its column, with itself; `undefined` where they were not read. */
  total: number | undefined;
}
