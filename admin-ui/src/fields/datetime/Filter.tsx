import { LineFilter } from '../shared/filters';
import { fromLocalInput, toLocalInput } from '../shared/format';
import type { FilterProps } from '../types';

/** A moment to compare with, typed in the reader's time zone. */
export function Filter(props: FilterProps) {
  return (
    <LineFilter
      {...props}
      type="datetime-local"
      show={(held) => toLocalInput(held || null)}
      write={(typed) => fromLocalInput(typed) ?? ''}
    />
  );
}
