import { Input as JsonInput } from '../json/Input';
import { Input as RichTextInput } from '../richtext/Input';
import { Input as StringInput } from '../string/Input';
import type { InputProps } from '../types';
import { baseOf } from './base';

/** The field of a plugin, by the kind that its values are of. */
export function Input(props: InputProps) {
  switch (baseOf(props.attribute)) {
    case 'richtext':
      return <RichTextInput {...props} value={props.value as string | null} />;
    case 'string':
      return <StringInput {...props} value={props.value as string | null} />;
    case 'json':
      return <JsonInput {...props} />;
  }
}
