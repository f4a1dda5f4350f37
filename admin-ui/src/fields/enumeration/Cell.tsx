import { TextCell } from '../shared/Cells';
import type { CellProps } from '../types';

/** The value. */
export function Cell({ value }: CellProps) {
  return <TextCell value={value} />;
}
