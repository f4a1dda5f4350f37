import { ActionIcon, Group, Skeleton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import type { Icon } from '@/ui/icon';
import type { KanbanViewDef } from '../definition';
import type { EntriesViewProps } from '../EntriesViewProps';
import { MoveFailedMessage } from '../MoveFailedMessage';
import { StageRefusedError } from '../review/moveToStage';
import { StageRefusedMessage } from '../review/StageRefusedMessage';
import { BoardColumn } from './BoardColumn';
import { ColumnStrip } from './ColumnStrip';
import classes from './Kanban.module.css';
import { useCardMoves } from './useCardMoves';
import { useColumns } from './useColumns';
import { useColumnTotals } from './useColumnTotals';
import { useScrollEdges } from './useScrollEdges';

/** Where two columns have no room beside one another. */
const PHONE = '(max-width: 36em)';

/** Entries as cards in columns by a value: a card that is moved gets the value of its column. By mouse, menu or keyboard. */
export function KanbanView(props: EntriesViewProps<KanbanViewDef>) {
  const { t } = useTranslation('views');
  const { columns, error, isPending } = useColumns(props);
  const totalOf = useColumnTotals(props);
  const moves = useCardMoves(props);
  const id = useId();
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const edges = useScrollEdges(box);
  const isPhone = useMediaQuery(PHONE, false, { getInitialValueInEffect: false }) ?? false;
  const [chosen, setChosen] = useState(0);
  const { failed } = moves;
  if (error) return <ErrorMessage error={error} />;
  if (isPending) {
    return (
      <DelayedContent>
        <Skeleton h={320} />
      </DelayedContent>
    );
  }
  const selected = isPhone ? Math.min(chosen, Math.max(columns.length - 1, 0)) : undefined;
  const columnId = (at: number): string => `${id}-${at}`;
  const show = (at: number): void => {
    if (isPhone) setChosen(at);
    else goToColumn(box, document.getElementById(columnId(at)));
  };
  return (
    <>
      {failed?.error instanceof StageRefusedError ? (
        <StageRefusedMessage refused={failed.error} />
      ) : (
        failed && <MoveFailedMessage failed={failed} title={t('board.failed')} />
      )}
      {columns.length > 1 && (
        <div className={classes.reach}>
          <ColumnStrip board={props} columns={columns} columnId={columnId} selected={selected} show={show} />
          {(edges.before || edges.after) && (
            <Group gap={4} wrap="nowrap">
              <ScrollButton
                icon={IconChevronLeft}
                label={t('board.before')}
                disabled={!edges.before}
                onClick={() => scrollBy(box, -1)}
              />
              <ScrollButton
                icon={IconChevronRight}
                label={t('board.after')}
                disabled={!edges.after}
                onClick={() => scrollBy(box, 1)}
              />
            </Group>
          )}
        </div>
      )}
      <div className={classes.frame} data-before={edges.before || undefined} data-after={edges.after || undefined}>
        <div ref={setBox} className={classes.board} role="group" aria-label={t('board.label')}>
          {columns.map(
            (column, at) =>
              (selected === undefined || selected === at) && (
                <BoardColumn
                  key={column.value ?? ''}
                  {...props}
                  id={columnId(at)}
                  column={column}
                  columns={columns}
                  at={at}
                  isTabPanel={selected !== undefined && columns.length > 1}
                  total={totalOf(column.value)}
                  moves={moves}
                />
              ),
          )}
        </div>
      </div>
    </>
  );
}

interface ScrollButtonProps {
  icon: Icon;
  label: string;
  disabled: boolean;
  onClick: () => void;
}

/** Scrolls to more columns. One that has nothing to scroll to keeps the focus of who pressed it. */
function ScrollButton({ icon: Sign, label, disabled, onClick }: ScrollButtonProps) {
  return (
    <ActionIcon
      variant="default"
      radius="xl"
      size={30}
      aria-label={label}
      aria-disabled={disabled}
      data-disabled={disabled || undefined}
      onClick={onClick}
    >
      <Sign size={16} aria-hidden />
    </ActionIcon>
  );
}

/** Scrolls by a column and what is between two. */
function scrollBy(box: HTMLElement | null, by: 1 | -1): void {
  const column = box?.firstElementChild;
  if (box && column) box.scrollBy({ left: by * (column.clientWidth + 12), behavior: motion() });
}

/** Brings a column into sight and gives it the focus. */
function goToColumn(box: HTMLElement | null, column: HTMLElement | null): void {
  if (!box || !column) return;
  const left = column.offsetLeft - (box.clientWidth - column.offsetWidth) / 2;
  box.scrollTo({ left, behavior: motion() });
  column.focus({ preventScroll: true });
}

function motion(): ScrollBehavior {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';
}
