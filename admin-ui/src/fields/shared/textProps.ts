import { useTranslation } from 'react-i18next';
import type { InputProps } from '../types';
import { useInputProps } from './inputProps';

/** What the inputs of texts take: how much of the length is used stands in the description's place once the end comes near. */
export function useTextProps(props: InputProps<string | null>) {
  const { t } = useTranslation('fields');
  const { value, onChange, attribute } = props;
  const common = useInputProps(props);
  const length = [...(value ?? '')].length;
  const near = attribute.maxLength !== undefined && length > attribute.maxLength * 0.8;
  return {
    ...common,
    placeholder: attribute.placeholder,
    value: value ?? '',
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange(event.currentTarget.value === '' ? null : event.currentTarget.value),
    description: near ? t('length', { length, max: attribute.maxLength }) : common.description,
  };
}
