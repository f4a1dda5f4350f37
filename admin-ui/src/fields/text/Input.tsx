import { Textarea } from '@mantine/core';
import { useTextProps } from '../shared/textProps';
import type { InputProps } from '../types';

/** A text of several lines. */
export function Input(props: InputProps<string | null>) {
  return <Textarea {...useTextProps(props)} autosize minRows={2} maxRows={16} />;
}
