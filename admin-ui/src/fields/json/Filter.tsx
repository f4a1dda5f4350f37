import { LineFilter } from '../shared/filters';
import type { FilterProps } from '../types';

/** A text to look for in the JSON. */
export function Filter(props: FilterProps) {
  return <LineFilter {...props} />;
}
