import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { suggestTimes } from './suggestTimes';

interface Props {
  /** The zone on whose clock they are. */
  zone: string;
  /** The time that is chosen, as inputs of date and time have it. */
  value: string;
  onChoose: (localTime: string) => void;
}

/** Times that something is often planned for, each a button below the field for date and time. */
export default function TimeSuggestions({ zone, value, onChoose }: Props) {
  const { t } = useTranslation('common');
  const [now] = useState(() => new Date());
  return (
    <Group gap="xs" role="group" aria-label={t('times.label')}>
      {suggestTimes(now, zone).map(({ day, localTime, time, weekday }) => (
        <Button
          key={day}
          size="compact-sm"
          variant={localTime === value ? 'light' : 'default'}
          aria-pressed={localTime === value}
          onClick={() => onChoose(localTime)}
        >
          {t(`times.${day}`, { time, weekday })}
        </Button>
      ))}
    </Group>
  );
}
