import { TextLine } from '../shared/TextLine';
import type { InputProps } from '../types';

/** An e-mail address. */
export function Input(props: InputProps<string | null>) {
  return <TextLine {...props} type="email" />;
}
