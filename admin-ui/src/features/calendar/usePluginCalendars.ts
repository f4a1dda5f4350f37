import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { type PluginCalendar, type PluginCalendarRange, pluginCalendarsQuery } from '@/api/calendar';
import { modelQuery } from '@/api/contentTypes';
import { useLiveTypes } from '@/features/plugins';

const NONE: PluginCalendar[] = [];

/** Dated documents of plugins in a range of days, read anew when somebody changes one; `undefined` as range: none are shown. */
export function usePluginCalendars(range: PluginCalendarRange | undefined) {
  const queries = useQueryClient();
  const model = useQuery(modelQuery);
  const found = useQuery({
    ...pluginCalendarsQuery(range ?? { from: '', to: '', zone: '' }),
    enabled: range !== undefined,
    placeholderData: keepPreviousData,
  });
  const calendars = range ? (found.data ?? NONE) : NONE;
  const types = useMemo(() => calendars.map(({ contentType }) => contentType), [calendars]);
  const changed = useCallback(() => void queries.invalidateQueries({ queryKey: ['calendar', 'plugins'] }), [queries]);
  useLiveTypes(model.data, types, changed);
  return { calendars, error: range ? found.error : null, refetch: found.refetch };
}
