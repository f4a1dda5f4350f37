import { Skeleton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import type { KanbanViewDef } from '../definition';
import type { EntriesViewProps } from '../EntriesViewProps';
import { MoveFailedMessage } from '../MoveFailedMessage';
import { StageRefusedError } from '../review/moveToStage';
import { StageRefusedMessage } from '../review/StageRefusedMessage';
import { BoardColumn } from './BoardColumn';
import classes from './Kanban.module.css';
import { useCardMoves } from './useCardMoves';
import { useColumns } from './useColumns';
import { useColumnTotals } from './useColumnTotals';

/** Entries as cards in columns by a value: a card that is moved gets the value of its column. By mouse, menu or keyboard. */
export function KanbanView(props: EntriesViewProps<KanbanViewDef>) {
  const { t } = useTranslation('views');
  const { columns, error, isPending } = useColumns(props);
  const totalOf = useColumnTotals(props);
  const moves = useCardMoves(props);
  const { failed } = moves;
  if (error) return <ErrorMessage error={error} />;
  if (isPending) {
    return (
      <DelayedContent>
        <Skeleton h={320} />
      </DelayedContent>
    );
  }
  return (
    <>
      {failed?.error instanceof StageRefusedError ? (
        <StageRefusedMessage refused={failed.error} />
      ) : (
        failed && <MoveFailedMessage failed={failed} title={t('board.failed')} />
      )}
      <div className={classes.board} role="group" aria-label={t('board.label')}>
        {columns.map((column, at) => (
          <BoardColumn
            key={column.value ?? ''}
            {...props}
            column={column}
            columns={columns}
            at={at}
            total={totalOf(column.value)}
            moves={moves}
          />
        ))}
      </div>
    </>
  );
}
