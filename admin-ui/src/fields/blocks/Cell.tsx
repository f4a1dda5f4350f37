import { textOfBlocks } from '../form/summary';
import { TextCell } from '../shared/Cells';
import type { CellProps } from '../types';

/** The text, without its structure, in one line. */
export function Cell({ value }: CellProps) {
  return <TextCell value={textOfBlocks(value)} />;
}
