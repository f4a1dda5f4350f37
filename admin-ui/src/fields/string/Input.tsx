import { TextLine } from '../shared/TextLine';
import type { InputProps } from '../types';

/** A short text. */
export function Input(props: InputProps<string | null>) {
  return <TextLine {...props} />;
}
