import { TextCell } from '../shared/Cells';
import type { CellProps } from '../types';

/** The name in addresses. */
export function Cell({ value }: CellProps) {
  return <TextCell value={value} />;
}
