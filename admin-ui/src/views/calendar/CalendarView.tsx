import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { preconditionOf, type Query, saveEntry } from '@/api/content';
import { pluralNameOf } from '@/api/model';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDate, formatTime } from '@/ui/format';
import { cardFields, titleOf } from '../cells/Card';
import { navigateOnClick } from '../cells/navigateOnClick';
import type { CalendarViewDef } from '../definition';
import type { EntriesViewProps } from '../EntriesViewProps';
import { listAll } from '../entries/listAll';
import { entriesKey } from '../entries/useEntryRows';
import { resolveField } from '../fieldPath';
import { localDay, shiftDate } from '../filters/span';
import { canMove } from '../moveEntry';
import { MoveFailedMessage } from '../MoveFailedMessage';
import { selectFields } from '../selection';
import { useMoveEntry } from '../useMoveEntry';
import { type CalendarMode, parseDay, visibleDays } from './days';
import { DayGrid, type DayItem } from './DayGrid';
import { useDefaultMode } from './useDefaultMode';

/** Entries on their days; one that is moved gets the day it is dropped on, and keeps its time. */
export function CalendarView({
  model,
  type,
  definition,
  query: entryQuery,
  href,
  open,
  locale,
  menu,
  move: custom,
}: EntriesViewProps<CalendarViewDef>) {
  const { t } = useTranslation('views');
  const defaultMode = useDefaultMode();
  const [chosenMode, setMode] = useState<CalendarMode | undefined>(definition.mode);
  const mode = chosenMode ?? defaultMode;
  const [day, setDay] = useState(() => new Date());
  const { failed, run } = useMoveEntry(type, custom);
  const { date } = definition;
  const plain = resolveField(model, type, date)?.attribute.type === 'date';
  const days = useMemo(() => visibleDays(mode, day), [mode, day]);
  const from = days[0] ?? day;
  const to = shiftDate(days.at(-1) ?? day, 1, 'day');
  const query = useMemo((): Query => {
    const within = {
      [date]: plain ? { $gte: localDay(from), $lt: localDay(to) } : { $gte: from.toISOString(), $lt: to.toISOString() },
    };
    const { filters } = entryQuery;
    return {
      ...entryQuery,
      filters: filters ? { $and: [filters, within] } : within,
      sort: [`${date}:asc`],
      ...selectFields(model, type, [date, ...cardFields(type, definition)]),
    };
    // The days follow from mode and day.
    // eslint-disable-next-line react/exhaustive-deps
  }, [entryQuery, date, plain, mode, day, model, type, definition]);
  const entries = useQuery({
    queryKey: [...entriesKey(type.uid), 'calendar', query],
    queryFn: ({ signal }) => listAll(type, query, signal),
  });
  const movable = canMove(type, date, definition.status, custom);
  const items = (entries.data?.all ?? []).map((entry): DayItem => {
    const value = String(entry[date]);
    const title = titleOf(type, entry, definition.title);
    return {
      id: entry.documentId,
      day: plain ? value : localDay(new Date(value)),
      title,
      movable,
      menu: menu?.(entry),
      content: (
        <a href={href(entry)} title={title} draggable={false} onClick={navigateOnClick(() => open(entry))}>
          {plain ? title : `${formatTime(value)} ${title}`}
        </a>
      ),
    };
  });
  const move = async (item: DayItem, onto: string): Promise<void> => {
    const entry = entries.data?.all.find(({ documentId }) => documentId === item.id);
    const target = parseDay(onto);
    if (!entry || !target) return;
    const value = plain ? onto : atTimeOf(target, new Date(String(entry[date]))).toISOString();
    const version = entries.data?.states[entry.documentId]?.version;
    await run({ documentId: entry.documentId, title: item.title }, async () => ({
      change: {
        entry,
        title: item.title,
        place: formatDate(target),
        reordered: false,
        version,
        facts: { date: value },
        prepare: async () => {},
        save: async (more) => {
          const values = { [date]: value, ...more };
          await saveEntry(type, entry.documentId, values, { precondition: preconditionOf(version), locale });
        },
      },
      done: t('calendar.moved', { title: item.title, day: onto }),
    }));
  };
  return (
    <>
      {entries.error && <ErrorMessage error={entries.error} retry={() => void entries.refetch()} />}
      {failed && <MoveFailedMessage failed={failed} title={t('calendar.failed')} />}
      {entries.data && entries.data.total > entries.data.all.length && (
        <p role="status">{t('calendar.tooMany', { shown: entries.data.all.length, count: entries.data.total })}</p>
      )}
      <DayGrid
        label={pluralNameOf(type)}
        mode={mode}
        day={day}
        onChange={(next, at) => {
          setMode(next);
          setDay(at);
        }}
        items={items}
        move={movable ? (item, onto) => void move(item, onto) : undefined}
        isPending={entries.isPending}
      />
    </>
  );
}

/** Another day, the same time on the clock. */
function atTimeOf(day: Date, time: Date): Date {
  return new Date(
    day.getFullYear(),
    day.getMonth(),
    day.getDate(),
    time.getHours(),
    time.getMinutes(),
    time.getSeconds(),
    time.getMilliseconds(),
  );
}
