import { NumberLine, readText } from '../shared/NumberLine';
import type { InputProps } from '../types';

/** An exact decimal number; text all the way, since JavaScript would round it. */
export function Input(props: InputProps<number | string | null>) {
  return <NumberLine {...props} whole={false} read={readText} />;
}
