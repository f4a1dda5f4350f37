import { LineFilter } from '../shared/filters';
import type { FilterProps } from '../types';

/** A text to look for. */
export function Filter(props: FilterProps) {
  return <LineFilter {...props} />;
}
