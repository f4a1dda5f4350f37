import { ChoiceFilter } from '../shared/filters';
import type { FilterProps } from '../types';

/** One or several of the values. */
export function Filter(props: FilterProps) {
  return <ChoiceFilter {...props} data={(props.attribute.enum ?? []).map((value) => ({ value, label: value }))} />;
}
