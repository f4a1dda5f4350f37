import { TextInput } from '@mantine/core';
import type { HTMLInputAutoCompleteAttribute } from 'react';
import type { InputProps } from '../types';
import { useTextProps } from './textProps';

interface TextLineProps extends InputProps<string | null> {
  type?: 'text' | 'email' | 'url';
  autoComplete?: HTMLInputAutoCompleteAttribute;
}

/** A text of one line, and how much of its length is used once the end comes near. */
export function TextLine({ type = 'text', autoComplete = 'off', ...props }: TextLineProps) {
  return (
    <TextInput
      {...useTextProps(props)}
      type={type}
      autoComplete={autoComplete}
      inputWrapperOrder={['label', 'description', 'input', 'error']}
    />
  );
}
