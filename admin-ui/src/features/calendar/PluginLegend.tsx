import { Chip, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { PluginCalendar } from '@/api/calendar';
import { NamedIcon } from '@/features/plugins';
import { COLOURS } from '@/views/tones';
import { calendarKey } from './pluginItems';

interface Props {
  calendars: readonly PluginCalendar[];
  /** Kinds that are switched off. */
  hidden: readonly string[];
  onChange: (hidden: string[]) => void;
}

/** The kinds of entry that plugins add to the calendar, each of which is switched off and on, and what is left out of them. */
export function PluginLegend({ calendars, hidden, onChange }: Props) {
  const { t } = useTranslation('calendar');
  if (calendars.length === 0) return null;
  return (
    <>
      <Group gap="xs" mb="sm" role="group" aria-label={t('plugin.legend')}>
        {calendars.map((calendar) => {
          const key = calendarKey(calendar);
          return (
            <Chip
              key={key}
              size="xs"
              variant="outline"
              color={COLOURS[calendar.tone]}
              checked={!hidden.includes(key)}
              onChange={(shown) => onChange(shown ? hidden.filter((one) => one !== key) : [...hidden, key])}
              title={calendar.pluginName}
            >
              <span style={{ verticalAlign: '-1px', marginInlineEnd: 4 }}>
                <NamedIcon name={calendar.icon ?? ''} size={12} />
              </span>
              {calendar.label}
            </Chip>
          );
        })}
      </Group>
      {calendars
        .filter(({ more }) => more > 0)
        .map((calendar) => (
          <Text key={calendarKey(calendar)} size="sm" c="dimmed" mb="xs" role="status">
            {t('plugin.more', { label: calendar.label, count: calendar.more })}
          </Text>
        ))}
    </>
  );
}
