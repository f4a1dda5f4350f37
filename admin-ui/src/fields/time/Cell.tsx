import { NoValue } from '../shared/Cells';
import { formatClock } from '../shared/format';
import type { CellProps } from '../types';

/** Hours and minutes; seconds where there are any. */
export function Cell({ value }: CellProps) {
  if (typeof value !== 'string' || value === '') return <NoValue />;
  return <time dateTime={value}>{formatClock(value)}</time>;
}
