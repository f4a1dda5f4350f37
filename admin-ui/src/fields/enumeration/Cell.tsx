import { valueLabelOf } from '../label';
import { TextCell } from '../shared/Cells';
import type { CellProps } from '../types';

/** What the value is called. */
export function Cell({ attribute, value }: CellProps) {
  return <TextCell value={typeof value === 'string' ? valueLabelOf(attribute, value) : value} />;
}
