import { useZone } from '@/ui/zone';
import { NoValue } from '../shared/Cells';
import { formatMoment, zoneName } from '../shared/format';
import type { CellProps } from '../types';

/** The moment in the time zone of where it stands, or else in the reader's. */
export function Cell({ value }: CellProps) {
  const zone = useZone();
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) return <NoValue />;
  return (
    <time dateTime={value} title={zoneName(new Date(value), zone)}>
      {formatMoment(value, zone)}
    </time>
  );
}
