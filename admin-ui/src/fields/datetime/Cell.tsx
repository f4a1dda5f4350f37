import { NoValue } from '../shared/Cells';
import { formatMoment, zoneName } from '../shared/format';
import type { CellProps } from '../types';

/** The moment in the reader's time zone. */
export function Cell({ value }: CellProps) {
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) return <NoValue />;
  return (
    <time dateTime={value} title={zoneName(new Date(value))}>
      {formatMoment(value)}
    </time>
  );
}
