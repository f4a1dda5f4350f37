import { NumberLine, readNumber } from '../shared/NumberLine';
import type { InputProps } from '../types';

/** A whole number. */
export function Input(props: InputProps<number | string | null>) {
  return <NumberLine {...props} whole read={readNumber} />;
}
