import { ActionIcon, Button, Group, Stack, Text } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CalendarPreviewDay } from '@/api/workingCalendars';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { localDay } from '@/views/filters/span';
import { problemsOf } from '../parts/problems';
import { Section } from '../parts/Section';
import { formatDay, formatHours, formatSpans } from './describe';
import type { YearPreview } from './useYearPreview';
import { YearGrid } from './YearGrid';

/** Days off that are listed at first. */
const MAX_LISTED = 12;

/** Years of which the server computes working time. */
const YEARS = { first: 1901, last: 2290 };

/** A year of a calendar to be looked at: which days are off, and how much is worked. */
export function YearSection({ preview }: { preview: YearPreview }) {
  const { t } = useTranslation('workingCalendars');
  const { year, setYear, hours, days, workingMinutes, error } = preview;
  return (
    <Section
      title={t('year.title', { year })}
      actions={
        <Group gap={4}>
          <ActionIcon
            variant="default"
            size={30}
            aria-label={t('year.previous')}
            disabled={year <= YEARS.first}
            onClick={() => setYear(year - 1)}
          >
            <IconChevronLeft size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon
            variant="default"
            size={30}
            aria-label={t('year.next')}
            disabled={year >= YEARS.last}
            onClick={() => setYear(year + 1)}
          >
            <IconChevronRight size={16} aria-hidden />
          </ActionIcon>
        </Group>
      }
    >
      <Stack gap="sm">
        <Text size="sm" role="status" mih="1.25rem">
          {workingMinutes !== undefined && t('year.total', { hours: formatHours(workingMinutes), year })}
          {error != null && problemsOf(error).length > 0 && t('year.wrong')}
        </Text>
        {error != null && problemsOf(error).length === 0 && <ErrorMessage error={error} />}
        <YearGrid year={year} hours={hours} special={days} />
        <DaysOff key={year} year={year} days={days} />
      </Stack>
    </Section>
  );
}

function DaysOff({ year, days }: { year: number; days: readonly CalendarPreviewDay[] }) {
  const { t } = useTranslation('workingCalendars');
  const [today] = useState(() => localDay(new Date()));
  const [showsAll, setShowsAll] = useState(false);
  const isThisYear = today.startsWith(String(year));
  const coming = isThisYear ? days.filter(({ date }) => date >= today) : days;
  const title = isThisYear ? t('year.coming') : t('year.daysOff', { year });
  return (
    <div>
      <Text size="sm" fw={600} component="h3" m={0}>
        {title}
      </Text>
      {coming.length === 0 ? (
        <Text size="sm" c="dimmed">
          {isThisYear ? t('year.noneLeft') : t('year.none')}
        </Text>
      ) : (
        <Stack component="ul" aria-label={title} gap={2} m={0} mt={4} p={0} style={{ listStyle: 'none' }}>
          {coming.slice(0, showsAll ? undefined : MAX_LISTED).map(({ date, name, hours }) => (
            <Group key={date} component="li" gap="xs" justify="space-between" wrap="wrap">
              <Text size="sm">{name ?? t('year.dayOff')}</Text>
              <Text size="xs" c="dimmed">
                <time dateTime={date}>{formatDay(date, { weekday: 'short', month: 'short' })}</time>
                {hours.length > 0 && ` · ${formatSpans(hours)}`}
              </Text>
            </Group>
          ))}
        </Stack>
      )}
      {coming.length > MAX_LISTED && !showsAll && (
        <Button size="compact-sm" variant="default" mt="xs" onClick={() => setShowsAll(true)}>
          {t('year.all', { count: coming.length })}
        </Button>
      )}
    </div>
  );
}
