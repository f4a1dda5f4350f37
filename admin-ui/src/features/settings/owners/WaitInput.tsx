import { Checkbox, Group, NumberInput, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toDuration, toHours, type DurationUnit, DURATION_UNITS } from './owner';

interface Props {
  label: string;
  hint: string;
  /** `null`: never. */
  hours: number | null;
  onChange: (hours: number | null) => void;
  error?: string;
  /** Takes the focus when no time is chosen at all. */
  first?: boolean;
}

/** Three days: what is used when a wait is turned on. */
const DEFAULT_WAIT_HOURS = 72;

/** How long something may wait: off, or so many hours, days or weeks. */
export function WaitInput({ label, hint, hours, onChange, error, first = false }: Props) {
  const { t } = useTranslation('owners');
  // As it was said: seven days stay seven days while one goes on typing.
  const [unit, setUnit] = useState<DurationUnit>(() => toDuration(hours ?? DEFAULT_WAIT_HOURS).unit);
  return (
    <Stack gap={6}>
      <Checkbox
        label={label}
        description={hint}
        checked={hours !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? toHours({ amount: 3, unit }) : null)}
        error={error}
        data-fault-field={first ? 'when' : undefined}
      />
      {hours !== null && (
        <Group gap="xs" pl={28}>
          <Text size="sm">{t('after')}</Text>
          <NumberInput
            aria-label={t('amountOf', { what: label })}
            min={1}
            max={8784}
            allowDecimal={false}
            value={hours / toHours({ amount: 1, unit })}
            onChange={(amount) => onChange(toHours({ amount: Math.max(1, Math.round(Number(amount)) || 1), unit }))}
            w={90}
          />
          <Select
            aria-label={t('unitOf', { what: label })}
            data={DURATION_UNITS.map((one) => ({ value: one, label: t(`unit.${one}`) }))}
            value={unit}
            onChange={(next) => {
              const chosen = DURATION_UNITS.find((one) => one === next);
              if (!chosen) return;
              setUnit(chosen);
              onChange(toHours({ amount: hours / toHours({ amount: 1, unit }), unit: chosen }));
            }}
            allowDeselect={false}
            w={110}
          />
        </Group>
      )}
    </Stack>
  );
}
