import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { type CalendarPreviewDay, calendarPreviewQuery, type WorkingCalendar } from '@/api/workingCalendars';
import { countDays, firstDayOf } from './year';

/** Milliseconds without a change after which the year is asked for anew. */
const PREVIEW_DELAY_MS = 400;

/** A year of a calendar, as the server computes it. */
export interface YearPreview {
  year: number;
  setYear: (year: number) => void;
  hours: WorkingCalendar['hours'];
  /** Days of the year that differ from the week; none until they are known. */
  days: readonly CalendarPreviewDay[];
  /** Missing until it is known. */
  workingMinutes: number | undefined;
  /** Why it is not known. */
  error: unknown;
}

/** Computes a year of a calendar that somebody changes; this year, until another one is chosen. */
export function useYearPreview(calendar: WorkingCalendar): YearPreview {
  const [year, setYear] = useState(() => new Date().getFullYear());
  const [previewed] = useDebouncedValue(calendar, PREVIEW_DELAY_MS);
  const { data, error, isPlaceholderData } = useQuery({
    ...calendarPreviewQuery(previewed, firstDayOf(year), countDays(year)),
    placeholderData: keepPreviousData,
  });
  const days = useMemo(() => {
    const first = firstDayOf(year);
    // Those of the year before are still there while this one is asked for.
    return (data?.days ?? []).filter(({ source, date }) => source !== 'week' && date.slice(0, 4) === first.slice(0, 4));
  }, [data, year]);
  return {
    year,
    setYear,
    hours: previewed.hours,
    days,
    workingMinutes: isPlaceholderData ? undefined : data?.workingMinutes,
    error,
  };
}
