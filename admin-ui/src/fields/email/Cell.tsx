import { TextCell } from '../shared/Cells';
import type { CellProps } from '../types';

/** The address. Not a link: who reads a list rarely wants to write a mail. */
export function Cell({ value }: CellProps) {
  return <TextCell value={value} />;
}
