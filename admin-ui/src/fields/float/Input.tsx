import { NumberLine, readNumber } from '../shared/NumberLine';
import type { InputProps } from '../types';

/** A number with a fraction. */
export function Input(props: InputProps<number | string | null>) {
  return <NumberLine {...props} whole={false} read={readNumber} />;
}
