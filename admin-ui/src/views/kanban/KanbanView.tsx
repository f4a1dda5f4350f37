import { Skeleton } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { saveEntry } from '@/api/content';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { announce } from '@/ui/live';
import { titleOf } from '../cells/Card';
import type { KanbanViewDef } from '../definition';
import type { EntriesViewProps } from '../EntriesViewProps';
import { type EntryRow, useEntriesChanged } from '../entries/useEntryRows';
import { STAGE_FIELD, isWritable } from '../fieldPath';
import { moveToStage, StageRefusedError } from '../review/moveToStage';
import { StageRefusedMessage } from '../review/StageRefusedMessage';
import { BoardColumn } from './BoardColumn';
import classes from './Kanban.module.css';
import { type BoardColumn as Column, useColumns } from './useColumns';

/** Entries as cards in columns by a value: a card that is moved gets the value of its column. By mouse, menu or keyboard. */
export function KanbanView(props: EntriesViewProps<KanbanViewDef>) {
  const { t } = useTranslation('views');
  const { type, definition, locale } = props;
  const { columns, error, isPending } = useColumns(props);
  const [moving, setMoving] = useState<string | null>(null);
  const [failed, setFailed] = useState<unknown>();
  const changed = useEntriesChanged();
  const byStage = definition.groupBy === STAGE_FIELD;
  // Who may move a document on in its review is for the server to say, document by document.
  const may = (byStage ? type.can.find : isWritable(type, definition.groupBy)) && definition.status !== 'published';
  const move = async (row: EntryRow, to: Column): Promise<void> => {
    const { documentId } = row.entry;
    setMoving(documentId);
    setFailed(undefined);
    try {
      const language = type.localized ? locale : undefined;
      if (byStage && to.value) await moveToStage({ uid: type.uid, documentId, locale: language }, to.value);
      else
        await saveEntry(
          type,
          documentId,
          { [definition.groupBy]: to.saved },
          { precondition: 'any', locale: language },
        );
      announce(t('board.moved', { title: titleOf(type, row.entry, definition.title), column: to.label }));
    } catch (cause) {
      setFailed(cause);
    }
    await changed(type.uid);
    setMoving(null);
  };
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
      {failed instanceof StageRefusedError && <StageRefusedMessage refused={failed} />}
      {failed !== undefined && !(failed instanceof StageRefusedError) && (
        <ErrorMessage error={failed} title={t('board.failed')} />
      )}
      <div className={classes.board} role="group" aria-label={t('board.label')}>
        {columns.map((column, at) => (
          <BoardColumn
            key={column.value ?? ''}
            {...props}
            column={column}
            columns={columns}
            at={at}
            moving={moving}
            move={may ? move : undefined}
          />
        ))}
      </div>
    </>
  );
}
