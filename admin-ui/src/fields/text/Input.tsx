import { Textarea } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useInputProps } from '../shared/inputProps';
import type { InputProps } from '../types';

/** A text of several lines. */
export function Input(props: InputProps<string | null>) {
  const { t } = useTranslation('fields');
  const { value, onChange, attribute } = props;
  const common = useInputProps(props);
  const length = [...(value ?? '')].length;
  const near = attribute.maxLength !== undefined && length > attribute.maxLength * 0.8;
  return (
    <Textarea
      {...common}
      autosize
      minRows={2}
      maxRows={16}
      value={value ?? ''}
      onChange={(event) => onChange(event.currentTarget.value === '' ? null : event.currentTarget.value)}
      description={near ? t('length', { length, max: attribute.maxLength }) : common.description}
    />
  );
}
