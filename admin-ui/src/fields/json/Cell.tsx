import { TextCell } from '../shared/Cells';
import type { CellProps } from '../types';

/** The JSON, in one line. */
export function Cell({ value }: CellProps) {
  return <TextCell value={value} />;
}
