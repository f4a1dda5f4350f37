import { TextInput } from '@mantine/core';
import type { HTMLInputAutoCompleteAttribute } from 'react';
import { useTranslation } from 'react-i18next';
import type { InputProps } from '../types';
import { useInputProps } from './inputProps';

interface TextLineProps extends InputProps<string | null> {
  type?: 'text' | 'email' | 'url';
  autoComplete?: HTMLInputAutoCompleteAttribute;
}

/** A text of one line, and how much of its length is used once the end comes near. */
export function TextLine({ type = 'text', autoComplete = 'off', ...props }: TextLineProps) {
  const { t } = useTranslation('fields');
  const { value, onChange, attribute } = props;
  const common = useInputProps(props);
  const length = [...(value ?? '')].length;
  const near = attribute.maxLength !== undefined && length > attribute.maxLength * 0.8;
  return (
    <TextInput
      {...common}
      type={type}
      autoComplete={autoComplete}
      value={value ?? ''}
      onChange={(event) => onChange(event.currentTarget.value === '' ? null : event.currentTarget.value)}
      inputWrapperOrder={['label', 'description', 'input', 'error']}
      description={near ? t('length', { length, max: attribute.maxLength }) : common.description}
    />
  );
}
