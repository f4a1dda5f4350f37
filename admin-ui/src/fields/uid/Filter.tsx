import { LineFilter } from '../shared/filters';
import type { FilterProps } from '../types';

/** A value to look for. */
export function Filter(props: FilterProps) {
  return <LineFilter {...props} />;
}
