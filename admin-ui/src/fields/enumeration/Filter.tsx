import { valueOptions } from '../label';
import { ChoiceFilter } from '../shared/filters';
import type { FilterProps } from '../types';

/** One or several of the values. */
export function Filter(props: FilterProps) {
  return <ChoiceFilter {...props} data={valueOptions(props.attribute)} />;
}
