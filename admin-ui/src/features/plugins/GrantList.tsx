import { Group, Stack, Switch, Text } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { GrantLine } from '@/api/plugins';
import classes from './GrantList.module.css';

interface Props {
  label: string;
  lines: readonly GrantLine[];
  /** Without it they are only told. */
  onChange?: ((index: number, granted: boolean) => void) | undefined;
  disabled?: boolean;
}

/** What a plugin may do, a sentence each with the author's reason; what it can do without has a switch. */
export function GrantList({ label, lines, onChange, disabled = false }: Props) {
  const { t } = useTranslation('plugin');
  return (
    <Stack gap="xs" component="ul" aria-label={label} className={classes.list}>
      {lines.map((line) => (
        <li key={line.index} className={classes.line}>
          {line.optional && onChange ? (
            <Switch
              checked={line.granted}
              disabled={disabled}
              onChange={(event) => onChange(line.index, event.currentTarget.checked)}
              label={line.sentence}
              description={line.reason ? t('grants.because', { reason: line.reason }) : t('grants.optional')}
            />
          ) : (
            <Group gap="xs" wrap="nowrap" align="flex-start">
              {line.granted ? (
                <IconCheck size={18} className={classes.sign} aria-label={t('grants.may')} />
              ) : (
                <IconX size={18} className={classes.sign} aria-label={t('grants.mayNot')} />
              )}
              <div>
                <Text size="sm">{line.sentence}</Text>
                {line.reason && (
                  <Text size="xs" c="dimmed">
                    {t('grants.because', { reason: line.reason })}
                  </Text>
                )}
                {line.optional && !line.granted && (
                  <Text size="xs" c="dimmed">
                    {t('grants.withheld')}
                  </Text>
                )}
              </div>
            </Group>
          )}
        </li>
      ))}
    </Stack>
  );
}
