import { NoValue } from '../shared/Cells';
import type { CellProps } from '../types';

/** Hours and minutes; seconds where there are any. */
export function Cell({ value }: CellProps) {
  if (typeof value !== 'string' || value === '') return <NoValue />;
  return <time dateTime={value}>{value.replace(/\.0+$/, '').replace(/^(\d\d:\d\d):00$/, '$1')}</time>;
}
