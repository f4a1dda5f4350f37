import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { workingCalendarsQuery } from '@/api/workingCalendars';
import { LOCAL_ZONE } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { workingCalendarAddress, workingCalendarsAddress } from '../addresses';
import { QueryState } from '../parts/QueryState';
import { TextLink } from '../parts/TextLink';
import { useHasPermission } from '../parts/useHasPermission';
import { newCalendarDraft, toCalendarDraft } from './calendarDraft';
import { CalendarEditor } from './CalendarEditor';
import { CalendarReader } from './CalendarReader';

/** One calendar of working time: to be changed by some, read by everybody. */
export default function WorkingCalendarPage() {
  const { t } = useTranslation('workingCalendars');
  const { name }: { name?: string } = workingCalendarAddress.useParams();
  const calendars = useQuery(workingCalendarsQuery);
  const mayChange = useHasPermission('settings.calendars');
  const [blank] = useState(() => newCalendarDraft(LOCAL_ZONE));
  return (
    <Stack gap="md">
      <TextLink {...workingCalendarsAddress.to({})}>{t('title')}</TextLink>
      <QueryState query={calendars}>
        {(all) => {
          // Only the route of a new one has no name.
          if (name === undefined) return <CalendarEditor initial={blank} taken={Object.keys(all)} />;
          const calendar = all[name];
          if (!calendar)
            return (
              <PageTitle title={t('gone')}>
                <Text size="sm" c="dimmed">
                  {t('goneHint')}
                </Text>
              </PageTitle>
            );
          if (!mayChange) return <CalendarReader name={name} calendar={calendar} />;
          return <CalendarEditor key={name} name={name} initial={toCalendarDraft(calendar)} taken={Object.keys(all)} />;
        }}
      </QueryState>
    </Stack>
  );
}
