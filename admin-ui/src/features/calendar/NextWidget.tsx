import { List, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { calendarQuery } from '@/api/calendar';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDate } from '@/ui/format';
import { localDay, shift } from '@/views/filters/span';
import { EntryChip } from './EntryChip';

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** What is planned and goes out in the next fourteen days. */
export default function NextWidget() {
  const { t } = useTranslation('calendar');
  const [today] = useState(() => new Date());
  const { data, error } = useQuery(
    calendarQuery({ from: localDay(today), to: localDay(shift(today, 13, 'day')), zone: ZONE, kinds: 'planned,scheduled' }),
  );
  if (error) return <ErrorMessage error={error} />;
  const entries = (data ?? []).flatMap(({ date, entries: of }) => of.map((entry) => ({ date, entry }))).slice(0, 8);
  if (data && entries.length === 0) return <Text c="dimmed">{t('widget.empty')}</Text>;
  return (
    <List listStyleType="none" spacing={4} size="sm">
      {entries.map(({ date, entry }, at) => (
        <List.Item key={at}>
          <Text span size="xs" c="dimmed">
            {formatDate(`${date}T12:00`, { weekday: 'short', day: 'numeric', month: 'short' })}
          </Text>{' '}
          <EntryChip entry={entry} />
        </List.Item>
      ))}
    </List>
  );
}
