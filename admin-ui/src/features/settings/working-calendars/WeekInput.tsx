import { ActionIcon, Text, Tooltip } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FieldProblem } from '../parts/problems';
import { useUndo } from '../parts/useUndo';
import { type CalendarDraft, copyToWorkdays } from './calendarDraft';
import { formatHours, weekdayName } from './describe';
import { SpansInput } from './SpansInput';
import { dayMinutes, weekMinutes, WEEKDAYS, WORKDAYS } from './spans';
import classes from './WeekInput.module.css';

interface Props {
  week: CalendarDraft['week'];
  onChange: (update: (week: CalendarDraft['week']) => CalendarDraft['week']) => void;
  problems: readonly FieldProblem[];
}

/** The hours of a week, by day. */
export function WeekInput({ week, onChange, problems }: Props) {
  const { t } = useTranslation('workingCalendars');
  const undo = useUndo();
  return (
    <>
      <div className={classes.week}>
        {WEEKDAYS.map((day) => {
          const name = weekdayName(day);
          const spans = week[day];
          const copies = WORKDAYS.includes(day) && spans.length > 0;
          return (
            <div key={day} className={classes.day} role="group" aria-label={name}>
              <div>
                <Text size="sm" fw={500} className={classes.name}>
                  {name}
                </Text>
                <Text size="xs" c="dimmed">
                  {spans.length > 0 && formatHours(dayMinutes(spans), 'short')}
                </Text>
              </div>
              <SpansInput
                label={name}
                path={`hours.${day}`}
                spans={spans}
                onChange={(next) => onChange((now) => ({ ...now, [day]: next }))}
                problems={problems}
                empty={
                  <Text size="sm" c="dimmed">
                    {t('closed')}
                  </Text>
                }
                actions={
                  copies && (
                    <Tooltip label={t('week.copyFrom', { day: name })}>
                      <ActionIcon
                        variant="default"
                        size={24}
                        aria-label={t('week.copyFrom', { day: name })}
                        onClick={() => {
                          onChange((now) => copyToWorkdays(now, day));
                          undo(t('week.copied', { day: name }), async () => onChange(() => week));
                        }}
                      >
                        <IconCopy size={14} aria-hidden />
                      </ActionIcon>
                    </Tooltip>
                  )
                }
              />
            </div>
          );
        })}
      </div>
      <Text size="sm" fw={500} mt="sm" role="status">
        {t('week.total', { hours: formatHours(weekMinutes(week)) })}
      </Text>
    </>
  );
}
