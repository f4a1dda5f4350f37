import { useMemo } from 'react';
import type { KanbanViewDef } from '../definition';
import type { EntriesViewProps } from '../EntriesViewProps';
import { useEntryPages } from '../entries/useEntryPages';
import { BOARD_PAGES, columnQuery } from './useCardMoves';
import type { BoardColumn } from './useColumns';

/** Cards that a column fetches at a time. */
const PAGE_SIZE = 25;

/** The cards of a column as far as they were read, and how many it has. Whoever asks for the same column shares what was read. */
export function useColumnPages(board: EntriesViewProps<KanbanViewDef>, column: BoardColumn) {
  const { model, type, definition, query: entryQuery } = board;
  const query = useMemo(
    () => columnQuery(board, column),
    // The column is made anew with each drawing; which one it is does not change.
    // eslint-disable-next-line react/exhaustive-deps
    [entryQuery, column.value, definition, model, type],
  );
  const { pages, rows } = useEntryPages(type, BOARD_PAGES, query, PAGE_SIZE);
  return { pages, rows, count: pages.data?.pages[0]?.total };
}
