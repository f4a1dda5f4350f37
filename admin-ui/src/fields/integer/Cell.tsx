import classes from '../shared/Cells.module.css';
import { NoValue } from '../shared/Cells';
import { isEmpty } from '../shared/checks';
import { formatNumber } from '../shared/format';
import type { CellProps } from '../types';

/** The number in the reader's notation, with every digit. */
export function Cell({ value }: CellProps) {
  if (isEmpty(value)) return <NoValue />;
  return <span className={classes.number}>{formatNumber(value)}</span>;
}
