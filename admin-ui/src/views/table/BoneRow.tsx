import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './EntryTable.module.css';

interface Props {
  id: string;
  index: number;
  start: number;
  height: number;
  columns: number;
  /** Whether the first of the grid is for choosing. */
  selectable: boolean;
  /** The column that the keyboard is at, where it is in this row. */
  current: number | undefined;
  /** Asks again, where the row did not come. */
  retry: (() => void) | undefined;
}

/** A row that has not come yet, or that failed to. Of as little as can be: while somebody drags the bar, all rows are these. */
export const BoneRow = memo(function BoneRow({ id, index, start, height, columns, selectable, current, retry }: Props) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={classes.row}
      data-row={index}
      style={{ height, transform: `translateY(${start}px)` }}
    >
      {retry ? (
        <FailedRow retry={retry} />
      ) : (
        <Cells
          columns={columns}
          first={selectable ? 2 : 1}
          id={current === undefined ? undefined : `${id}-${index}-${current}`}
        />
      )}
    </div>
  );
});

/** The same for every row, so that nothing of it is drawn again when the row moves. */
const Cells = memo(function Cells({ columns, first, id }: { columns: number; first: number; id: string | undefined }) {
  return (
    <div role="gridcell" className={classes.bones} id={id}>
      {Array.from({ length: columns }, (_, at) => (
        <span key={at} className={classes.bone} style={{ gridColumn: first + at }} />
      ))}
    </div>
  );
});

function FailedRow({ retry }: { retry: () => void }) {
  const { t } = useTranslation(['views', 'common']);
  return (
    <div role="gridcell" className={classes.failed}>
      {t('views:table.failed')}
      <button type="button" tabIndex={-1} className={classes.again} onClick={retry}>
        {t('common:retry')}
      </button>
    </div>
  );
}
