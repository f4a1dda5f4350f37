import { TextInput } from '@mantine/core';
import { useInputProps } from '../shared/inputProps';
import type { InputProps } from '../types';

/** A time of day without a time zone, kept as `09:30:00.000`. */
export function Input(props: InputProps<string | null>) {
  return (
    <TextInput
      {...useInputProps(props)}
      type="time"
      step={1}
      value={props.value?.replace(/\.\d+$/, '') ?? ''}
      onChange={(event) => props.onChange(toFullTime(event.currentTarget.value))}
    />
  );
}

function toFullTime(typed: string): string | null {
  if (typed === '') return null;
  return `${typed.length === 5 ? `${typed}:00` : typed}.000`;
}
