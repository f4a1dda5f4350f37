import { VisuallyHidden } from '@mantine/core';
import { type KeyboardEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { formatNumber } from '@/ui/format';
import type { KanbanViewDef } from '../definition';
import type { EntriesViewProps } from '../EntriesViewProps';
import classes from './Kanban.module.css';
import { useColumnPages } from './useColumnPages';
import type { BoardColumn } from './useColumns';

interface Props {
  board: EntriesViewProps<KanbanViewDef>;
  columns: readonly BoardColumn[];
  /** Ids of the columns on the page. */
  columnId: (at: number) => string;
  /** Where one column is shown at a time: its number. The strip is a tab bar then. */
  selected: number | undefined;
  /** Shows a column. */
  show: (at: number) => void;
}

/** The names of all columns with the numbers of their cards: what a board has is seen whatever fits beside one another. */
export function ColumnStrip({ board, columns, columnId, selected, show }: Props) {
  const { t } = useTranslation('views');
  const strip = useRef<HTMLDivElement>(null);
  const isTabs = selected !== undefined;
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const buttons = [...(strip.current?.querySelectorAll<HTMLElement>('button') ?? [])];
    const at = buttons.findIndex((button) => button === document.activeElement);
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? buttons.length - 1 : by === undefined ? -1 : at + by;
    const next = buttons[to];
    if (!next || at < 0) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    if (isTabs) show(to);
  };
  return (
    // The keys reach its buttons, which have the focus.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      ref={strip}
      className={classes.strip}
      role={isTabs ? 'tablist' : 'group'}
      aria-label={t('board.columns')}
      onKeyDown={onKeyDown}
    >
      {columns.map((column, at) => (
        <StripItem
          key={column.value ?? ''}
          board={board}
          column={column}
          controls={columnId(at)}
          isTab={isTabs}
          isSelected={at === selected}
          show={() => show(at)}
        />
      ))}
    </div>
  );
}

interface ItemProps {
  board: EntriesViewProps<KanbanViewDef>;
  column: BoardColumn;
  controls: string;
  isTab: boolean;
  isSelected: boolean;
  show: () => void;
}

function StripItem({ board, column, controls, isTab, isSelected, show }: ItemProps) {
  const { t } = useTranslation('views');
  const { count } = useColumnPages(board, column);
  const isOver = column.limit !== undefined && count !== undefined && count > column.limit;
  return (
    <button
      type="button"
      className={`${classes.stripItem} mantine-focus-auto`}
      {...(isTab
        ? { role: 'tab', 'aria-selected': isSelected, 'aria-controls': controls, tabIndex: isSelected ? 0 : -1 }
        : {})}
      onClick={show}
    >
      {column.colour && <span className={classes.colour} style={{ background: column.colour }} aria-hidden />}
      <span className={classes.stripName}>{column.label}</span>
      {count !== undefined && (
        <>
          <span className={classes.stripCount} data-over-limit={isOver ? '' : undefined} aria-hidden>
            {formatNumber(count)}
          </span>
          <VisuallyHidden>, {t('board.count', { count })}</VisuallyHidden>
        </>
      )}
    </button>
  );
}
