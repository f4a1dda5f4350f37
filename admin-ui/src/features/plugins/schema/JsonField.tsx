import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

interface Props {
  value: unknown;
  onChange: (value: unknown) => void;
  error: string | undefined;
  label: string;
  description: string | undefined;
  disabled: boolean;
  required: boolean;
  name: string;
  withAsterisk: boolean;
}

/** What no other field is for. Only what is JSON is taken; until then the old value stays. */
export function JsonField({ value, onChange, error, ...shared }: Props) {
  const { t } = useTranslation('plugin');
  const [typed, setTyped] = useState(() => (value === undefined ? '' : JSON.stringify(value, null, 2)));
  const [wrong, setWrong] = useState(false);
  return (
    <Textarea
      {...shared}
      autosize
      minRows={3}
      maxRows={16}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      error={wrong ? t('schema.noJson') : error}
      value={typed}
      spellCheck={false}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setTyped(next);
        if (next.trim() === '') {
          setWrong(false);
          onChange(undefined);
          return;
        }
        try {
          onChange(JSON.parse(next));
          setWrong(false);
        } catch {
          setWrong(true);
        }
      }}
    />
  );
}
