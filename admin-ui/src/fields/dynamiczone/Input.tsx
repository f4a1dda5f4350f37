import { ItemList } from '../form/ItemList';
import type { Item } from '../form/values';
import type { InputProps } from '../types';

/** Components of several kinds, in the order they are shown. */
export function Input(props: InputProps<Item[] | null>) {
  return <ItemList {...props} allowed={props.attribute.components ?? []} />;
}
