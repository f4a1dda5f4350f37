import { Table, Text } from '@mantine/core';
import { IconCalendarTime } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  calendarPreviewQuery,
  type WorkingCalendar,
  type WorkingCalendars,
  workingCalendarsQuery,
} from '@/api/workingCalendars';
import { localDay } from '@/views/filters/span';
import { newWorkingCalendarAddress, workingCalendarAddress } from '../addresses';
import { ListPage } from '../parts/ListPage';
import { StackedCell, StackedTable } from '../parts/StackedTable';
import { TextLink } from '../parts/TextLink';
import { useHasPermission } from '../parts/useHasPermission';
import { toCalendarDraft } from './calendarDraft';
import { formatDay, formatHours } from './describe';
import { weekMinutes } from './spans';

/** So many days ahead the next day off is looked for: a year, and the days around its end. */
const LOOKAHEAD_DAYS = 400;

/** When people work, and which days are off, by place. */
export default function WorkingCalendarsPage() {
  const { t } = useTranslation('workingCalendars');
  const calendars = useQuery(workingCalendarsQuery);
  const mayChange = useHasPermission('settings.calendars');
  return (
    <ListPage
      texts={{ title: t('title'), lead: t('lead'), add: t('add'), none: t('none'), noneHint: t('noneHint') }}
      icon={IconCalendarTime}
      query={calendars}
      isEmpty={(all) => Object.keys(all).length === 0}
      add={mayChange ? newWorkingCalendarAddress.to({}) : undefined}
      note={
        !mayChange && (
          <Text size="sm" c="dimmed">
            {t('readOnly')}
          </Text>
        )
      }
    >
      {(all) => <CalendarTable all={all} />}
    </ListPage>
  );
}

function CalendarTable({ all }: { all: WorkingCalendars }) {
  const { t } = useTranslation('workingCalendars');
  return (
    <StackedTable label={t('title')} highlightOnHover>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('calendar')}</Table.Th>
          <Table.Th>{t('name')}</Table.Th>
          <Table.Th>{t('zone')}</Table.Th>
          <Table.Th>{t('perWeek')}</Table.Th>
          <Table.Th>{t('nextDayOff')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {Object.entries(all).map(([name, calendar]) => (
          <Table.Tr key={name}>
            <StackedCell label={t('calendar')}>
              <TextLink strong {...workingCalendarAddress.to({ name })}>
                {calendar.title ?? name}
              </TextLink>
            </StackedCell>
            <StackedCell label={t('name')}>{name}</StackedCell>
            <StackedCell label={t('zone')}>{calendar.zone}</StackedCell>
            <StackedCell label={t('perWeek')}>{formatHours(weekMinutes(toCalendarDraft(calendar).week))}</StackedCell>
            <StackedCell label={t('nextDayOff')}>
              <NextDayOff calendar={calendar} />
            </StackedCell>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </StackedTable>
  );
}

/** The next day off of a calendar, as the server computes it; nothing until it is known. */
function NextDayOff({ calendar }: { calendar: WorkingCalendar }) {
  const { t } = useTranslation('workingCalendars');
  const [today] = useState(() => localDay(new Date()));
  const { data } = useQuery(calendarPreviewQuery(calendar, today, LOOKAHEAD_DAYS));
  if (!data) return null;
  const next = data.days.find((day) => day.source !== 'week' && day.hours.length === 0);
  if (!next) return t('noDayOff');
  return (
    <>
      <time dateTime={next.date}>{formatDay(next.date, { weekday: 'short', month: 'short' })}</time>
      {next.name && `, ${next.name}`}
    </>
  );
}
