import { ActionIcon, TextInput, Tooltip } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useSiblings } from '../form/context';
import { useInputProps } from '../shared/inputProps';
import type { InputProps } from '../types';
import { slugOf } from './slug';

/** A name for addresses, which can be made of another attribute. Until its entry is published it follows that one (`followTargets`); then addresses are links elsewhere. */
export function Input(props: InputProps<string | null>) {
  const { t } = useTranslation('fields');
  const { value, onChange, attribute, disabled } = props;
  const siblings = useSiblings(props.name);
  const source = attribute.targetField;
  const make = () => {
    const text = source ? siblings.get(source) : undefined;
    if (typeof text === 'string' && text.trim() !== '') onChange(slugOf(text) || null);
  };
  return (
    <TextInput
      {...useInputProps(props)}
      autoComplete="off"
      spellCheck={false}
      value={value ?? ''}
      onChange={(event) => onChange(event.currentTarget.value || null)}
      rightSection={
        source ? (
          <Tooltip label={t('uid.make', { source })}>
            <ActionIcon
              variant="subtle"
              disabled={disabled ?? false}
              aria-label={t('uid.make', { source })}
              onClick={make}
            >
              <IconRefresh size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
        ) : undefined
      }
    />
  );
}
