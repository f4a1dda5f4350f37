import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { HolidayDraft } from './calendarDraft';
import { describeHoliday, formatSpans } from './describe';
import { formatSpan } from './spans';

/** A day off in words: its name, its days, and its hours if it has some. */
export function HolidayLine({ holiday, problem }: { holiday: HolidayDraft; problem?: string }) {
  const { t } = useTranslation('workingCalendars');
  const { t: anyOf } = useTranslation();
  const name = holiday.name.trim();
  const days = describeHoliday(anyOf, holiday);
  const hours = holiday.open ? formatSpans(holiday.hours.map(formatSpan)) : t('closed');
  return (
    <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
      <Text size="sm" fw={500}>
        {name || days}
      </Text>
      <Text size="xs" c="dimmed">
        {[...(name ? [days] : []), hours].join(' · ')}
      </Text>
      {problem && (
        <Text size="xs" c="var(--mantine-color-error)">
          {problem}
        </Text>
      )}
    </div>
  );
}
