import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fromLocalInput, toLocalInput, zoneName } from '../shared/format';
import { useInputProps } from '../shared/inputProps';
import type { InputProps } from '../types';

/** A moment. Shown and typed in the reader's time zone, which is named; kept in UTC. */
export function Input(props: InputProps<string | null>) {
  const { t } = useTranslation('fields');
  const { value, onChange } = props;
  const common = useInputProps(props);
  // The zone has another offset in summer: that of the moment shown, or of now.
  const [now] = useState(() => new Date());
  const zone = t('datetime.zone', { zone: zoneName(value ? new Date(value) : now) });
  return (
    <TextInput
      {...common}
      description={common.description ? `${common.description} · ${zone}` : zone}
      type="datetime-local"
      step={1}
      max="9999-12-31T23:59:59"
      value={toLocalInput(value)}
      onChange={(event) => onChange(fromLocalInput(event.currentTarget.value))}
    />
  );
}
