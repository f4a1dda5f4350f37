import { Button, Group, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useInputProps } from '../shared/inputProps';
import type { InputProps } from '../types';

/**
 * A password of the content. The server never tells what it is, so that what is shown is only whether a new one is
 * typed: `undefined` keeps the one there is, `null` takes it away.
 */
export function Input(props: InputProps<string | null | undefined>) {
  const { t } = useTranslation('fields');
  const { value, onChange } = props;
  const [visible, setVisible] = useState(false);
  const common = useInputProps(props);
  return (
    <div>
      <PasswordInput
        {...common}
        autoComplete="new-password"
        placeholder={value === undefined ? t('password.kept') : undefined}
        visible={visible}
        onVisibilityChange={setVisible}
        visibilityToggleButtonProps={{ 'aria-label': t(visible ? 'password.hide' : 'password.show'), tabIndex: 0 }}
        value={value ?? ''}
        onChange={(event) => onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
      />
      <Group gap="xs" mt={4}>
        <Button
          size="compact-xs"
          variant="subtle"
          disabled={props.disabled ?? false}
          aria-describedby={common.id}
          onClick={() => onChange(value === null ? undefined : null)}
        >
          {t(value === null ? 'password.keep' : 'password.remove')}
        </Button>
      </Group>
    </div>
  );
}
