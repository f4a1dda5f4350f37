import { TextInput } from '@mantine/core';
import { useInputProps } from '../shared/inputProps';
import type { InputProps } from '../types';

/** A day without a time zone: `2026-11-21`. The browser's own input is the one screen readers and phones know best. */
export function Input(props: InputProps<string | null>) {
  return (
    <TextInput
      {...useInputProps(props)}
      type="date"
      max="9999-12-31"
      value={props.value ?? ''}
      onChange={(event) => props.onChange(event.currentTarget.value || null)}
    />
  );
}
