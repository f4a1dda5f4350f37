import { NumberLine, readText } from '../shared/NumberLine';
import type { InputProps } from '../types';

/** A whole number of up to nineteen digits; text all the way, since JavaScript would round it. */
export function Input(props: InputProps<number | string | null>) {
  return <NumberLine {...props} whole read={readText} />;
}
