import { SegmentedControl, Switch, Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { NotificationLevel, NotificationPreferences } from '@/api/notificationPreferences';
import { StackedCell } from '../parts/StackedTable';

interface Props {
  row: NotificationPreferences['kinds'][number];
  channels: NotificationPreferences['channels'];
  onChange: (channel: string, level: NotificationLevel) => void;
}

/** What somebody may be told of, and how: a switch where it is told or not, else the few ways beside each other. */
export function KindRow({ row, channels, onChange }: Props) {
  const { t } = useTranslation('settings');
  const name = t(`mail.templateNames.${row.kind}`, { defaultValue: row.kind });
  return (
    <Table.Tr>
      <Table.Th scope="row">{name}</Table.Th>
      {channels.map(({ channel, levels }) => {
        const label = t(`notifications.${channel}`);
        const level = row.levels[channel] ?? 'off';
        return (
          <StackedCell key={channel} label={label} wide={levels.length > 2}>
            {levels.length > 2 ? (
              <SegmentedControl
                size="xs"
                aria-label={`${name}: ${label}`}
                data={levels.map((value) => ({ value, label: t(`notifications.${value}`) }))}
                value={level}
                onChange={(chosen) => onChange(channel, chosen as NotificationLevel)}
              />
            ) : (
              <Switch
                aria-label={`${name}: ${label}`}
                checked={level !== 'off'}
                onChange={(event) => onChange(channel, event.currentTarget.checked ? 'now' : 'off')}
              />
            )}
          </StackedCell>
        );
      })}
    </Table.Tr>
  );
}
