import { Tooltip } from '@mantine/core';
import { memo, type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CalendarPreviewDay, WorkingCalendar } from '@/api/workingCalendars';
import { formatDate } from '@/ui/format';
import { localDay } from '@/views/filters/span';
import { formatDay, formatSpans } from './describe';
import { type DayState, monthsOf, type YearDay } from './year';
import classes from './YearGrid.module.css';

interface Props {
  year: number;
  hours: WorkingCalendar['hours'];
  special: readonly CalendarPreviewDay[];
}

const STATES: readonly DayState[] = ['working', 'closed', 'off', 'special'];

/**
 * The days of a year, a small grid for each month. One picture for those who listen, with how many days are off: which ones they are is for a
 * list beside it to say.
 */
export const YearGrid = memo(function YearGrid({ year, hours, special }: Props) {
  const { t } = useTranslation('workingCalendars');
  const [today] = useState(() => localDay(new Date()));
  return (
    <div>
      <div role="img" aria-label={t('year.picture', { year, count: special.length })} className={classes.year}>
        {monthsOf(year, hours, special).map(({ first, offset, days }) => (
          <div key={first.getMonth()}>
            <div className={classes.name}>{formatDate(first, { month: 'long' })}</div>
            <div className={classes.days}>
              {days.map((day, at) => (
                <Day key={day.date} day={day} isToday={day.date === today} column={at === 0 ? offset + 1 : undefined} />
              ))}
            </div>
          </div>
        ))}
      </div>
      <ul className={classes.legend}>
        {STATES.map((state) => (
          <li key={state}>
            <span className={classes.day} data-state={state} aria-hidden>
              1
            </span>
            {t(`year.state.${state}`)}
          </li>
        ))}
      </ul>
    </div>
  );
});

/** A day; `column` is its weekday where it does not follow the day before. */
function Day({ day, isToday, column }: { day: YearDay; isToday: boolean; column?: number }) {
  const { date, state, special } = day;
  const cell = (
    <span
      className={classes.day}
      data-date={date}
      data-state={state}
      data-today={isToday || undefined}
      style={column ? { gridColumnStart: column } : undefined}
    >
      {Number(date.slice(8))}
    </span>
  );
  return special ? <SpecialDay day={special}>{cell}</SpecialDay> : cell;
}

/** What a day is called, and its hours, for whoever points at it. */
function SpecialDay({ day, children }: { day: CalendarPreviewDay; children: ReactElement }) {
  const { t } = useTranslation('workingCalendars');
  const name = `${formatDay(day.date)}: ${day.name ?? t('year.dayOff')}`;
  return (
    <Tooltip label={day.hours.length > 0 ? `${name} · ${formatSpans(day.hours)}` : name} openDelay={0}>
      {children}
    </Tooltip>
  );
}
