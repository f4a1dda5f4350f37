import { Select } from '@mantine/core';
import { valueOptions } from '../label';
import { useInputProps } from '../shared/inputProps';
import type { InputProps } from '../types';

/** One of the values of the attribute. A value that is none of them any more is shown, and can be kept. */
export function Input(props: InputProps<string | null>) {
  const { value, onChange, attribute } = props;
  const data = valueOptions(attribute, value ? [value] : []);
  return (
    <Select
      {...useInputProps(props)}
      data={data}
      value={value ?? null}
      onChange={onChange}
      clearable={!attribute.required}
      allowDeselect={false}
      searchable={data.length > 8}
    />
  );
}
