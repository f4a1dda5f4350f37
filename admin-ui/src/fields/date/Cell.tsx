import { NoValue } from '../shared/Cells';
import { formatDay } from '../shared/format';
import type { CellProps } from '../types';

/** The day in the reader's notation; the same day in every time zone. */
export function Cell({ value }: CellProps) {
  return typeof value === 'string' && value !== '' ? <time dateTime={value}>{formatDay(value)}</time> : <NoValue />;
}
