import { Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { WorkingCalendar } from '@/api/workingCalendars';
import { PageTitle } from '@/ui/PageTitle';
import { DescriptionList } from '../parts/DescriptionList';
import { Section } from '../parts/Section';
import { CalendarColumns } from './CalendarColumns';
import { toCalendarDraft } from './calendarDraft';
import { formatHours, formatSpans, weekdayName } from './describe';
import { HolidayLine } from './HolidayLine';
import { presetName } from './presets';
import { weekMinutes, WEEKDAYS } from './spans';
import { useYearPreview } from './useYearPreview';
import { YearSection } from './YearSection';

/** A calendar for those who may not change it. */
export function CalendarReader({ name, calendar }: { name: string; calendar: WorkingCalendar }) {
  const { t } = useTranslation('workingCalendars');
  const { t: anyOf } = useTranslation();
  const preview = useYearPreview(calendar);
  const { week, holidays, preset } = useMemo(() => toCalendarDraft(calendar), [calendar]);
  return (
    <>
      <PageTitle title={calendar.title ?? name}>
        <Text size="sm" c="dimmed">
          {t('readOnly')}
        </Text>
      </PageTitle>
      <CalendarColumns year={<YearSection preview={preview} />}>
        <Section title={t('about')}>
          <DescriptionList
            facts={[
              [t('name'), name],
              [t('zone'), calendar.zone],
            ]}
          />
        </Section>
        <Section title={t('week.title')}>
          <DescriptionList
            facts={[
              ...WEEKDAYS.map((day): [string, string] => [
                weekdayName(day),
                formatSpans(calendar.hours[day] ?? []) || t('closed'),
              ]),
              [t('perWeek'), formatHours(weekMinutes(week))],
            ]}
          />
        </Section>
        <Section title={t('holiday.title')}>
          <Stack gap="xs">
            <DescriptionList facts={[[t('preset.label'), preset ? presetName(anyOf, preset) : t('preset.none')]]} />
            <Stack gap="xs" component="ul" aria-label={t('holiday.list')} m={0} p={0} style={{ listStyle: 'none' }}>
              {holidays.map((holiday) => (
                <li key={holiday.key}>
                  <HolidayLine holiday={holiday} />
                </li>
              ))}
            </Stack>
          </Stack>
        </Section>
      </CalendarColumns>
    </>
  );
}
