import { Group, SegmentedControl, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { preconditionOf, type Query, saveEntry } from '@/api/content';
import { pluralNameOf, targetTypeOf } from '@/api/model';
import { valueLabelOf } from '@/fields/label';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDate } from '@/ui/format';
import { PeriodSteps } from '../calendar/PeriodSteps';
import { cardFields, titleOf } from '../cells/Card';
import type { TimelineViewDef } from '../definition';
import type { EntriesViewProps } from '../EntriesViewProps';
import { listAll } from '../entries/listAll';
import { entriesKey } from '../entries/useEntryRows';
import { resolveField, valueAt } from '../fieldPath';
import { localDay } from '../filters/span';
import { canMove } from '../moveEntry';
import { MoveFailedMessage } from '../MoveFailedMessage';
import { selectFields } from '../selection';
import { useMoveEntry } from '../useMoveEntry';
import { Chart } from './Chart';
import { type Bar, barOf, laneOf, lanesOf } from './lanes';
import { axisOf, daysBetween, type Scale, shiftValue, stepBy } from './scale';
import classes from './Timeline.module.css';
import { TimelineList } from './TimelineList';

/** What a bar is moved by, in days: both ends, or its end alone. */
export type MoveBar = (bar: Bar, by: { first: number; last: number }) => void;

/** Letters of a title are about so wide, in pixels. */
const LETTER_WIDTH_PX = 7;

const SCALES = ['week', 'month', 'year'] as const;

interface Props extends EntriesViewProps<TimelineViewDef> {
  /** Keeps the scale where the page keeps what it shows. */
  onScale?: ((scale: Scale) => void) | undefined;
}

/** Entries as bars along the time, in lanes by a value. By mouse, menu or keyboard a bar goes to other days; as a list it is the same. */
export function TimelineView({
  model,
  type,
  definition,
  query: entryQuery,
  href,
  open,
  locale,
  menu,
  move: custom,
  onScale,
}: Props) {
  const { t } = useTranslation('views');
  const narrow = useMediaQuery('(max-width: 48em)') ?? false;
  const [own, setOwn] = useState<Scale>(definition.scale ?? 'month');
  const scale = onScale ? (definition.scale ?? 'month') : own;
  const [day, setDay] = useState(() => new Date());
  const [listed, setListed] = useState(false);
  const { failed, run } = useMoveEntry(type, custom);
  const { date, endDate, groupBy } = definition;
  const axis = useMemo(() => axisOf(scale, day), [scale, day]);
  const query = useMemo((): Query => {
    const bound = (field: string, moment: Date): string =>
      resolveField(model, type, field)?.attribute.type === 'date' ? localDay(moment) : moment.toISOString();
    const begins = { [date]: { $lt: bound(date, axis.to) } };
    const later = { [date]: { $gte: bound(date, axis.from) } };
    const reaches = endDate ? { $or: [{ [endDate]: { $gte: bound(endDate, axis.from) } }, later] } : later;
    const within = [begins, reaches];
    const { filters } = entryQuery;
    const fields = [
      date,
      ...(endDate ? [endDate] : []),
      ...(groupBy ? [groupBy] : []),
      ...cardFields(type, definition),
    ];
    return {
      ...entryQuery,
      filters: { $and: filters ? [filters, ...within] : within },
      sort: [`${date}:asc`],
      ...selectFields(model, type, fields),
    };
  }, [entryQuery, date, endDate, groupBy, axis, model, type, definition]);
  const entries = useQuery({
    queryKey: [...entriesKey(type.uid), 'timeline', query],
    queryFn: ({ signal }) => listAll(type, query, signal),
  });

  const lanes = useMemo(() => {
    const bars = (entries.data?.all ?? []).flatMap(
      (entry) => barOf(entry, titleOf(type, entry, definition.title), date, endDate) ?? [],
    );
    const attribute = groupBy ? resolveField(model, type, groupBy)?.attribute : undefined;
    const titleField = targetTypeOf(model, attribute?.target)?.titleField;
    const words = { none: t('board.none'), yes: t('filter.true'), no: t('filter.false') };
    const wide = (bar: Bar): number =>
      Math.max(
        daysBetween(bar.first, bar.last) + 1,
        Math.ceil((60 + bar.title.length * LETTER_WIDTH_PX) / axis.perDay),
      );
    return lanesOf(
      bars,
      ({ entry }) =>
        groupBy
          ? laneOf(valueAt(entry, groupBy), titleField, words, (value) => valueLabelOf(attribute, value))
          : { key: '', label: '' },
      attribute?.enum ?? ['true', 'false'],
      wide,
    );
  }, [entries.data, type, model, definition.title, date, endDate, groupBy, axis.perDay, t]);

  const movable = canMove(type, date, definition.status, custom);
  const move: MoveBar = (bar, by) => {
    const { entry } = bar;
    const values: Record<string, string> = {};
    if (by.first !== 0) values[date] = shiftValue(String(entry[date]), by.first);
    // An entry that had no end gets one when its bar is made longer.
    if (endDate && by.last !== 0 && (bar.ends || by.first !== by.last))
      values[endDate] = shiftValue(String(entry[endDate] ?? entry[date]), by.last);
    if (Object.keys(values).length === 0) return;
    const place = formatDate(values[date] ?? String(entry[date]));
    const version = entries.data?.states[entry.documentId]?.version;
    void run({ documentId: entry.documentId, title: bar.title }, async () => ({
      change: {
        entry,
        title: bar.title,
        place,
        reordered: false,
        version,
        facts: {
          ...(date in values ? { date: values[date] } : {}),
          ...(endDate && endDate in values ? { endDate: values[endDate] } : {}),
        },
        prepare: async () => {},
        save: async (more) => {
          const data = { ...values, ...more };
          await saveEntry(type, entry.documentId, data, { precondition: preconditionOf(version), locale });
        },
      },
      done: t('calendar.moved', { title: bar.title, day: place }),
    }));
  };
  const visible = {
    lanes,
    href,
    open,
    menu,
    move: movable ? move : undefined,
    resizable: endDate !== undefined && canMove(type, endDate, definition.status, custom),
  };
  const asList = narrow || listed;
  return (
    <div className={classes.timeline} aria-busy={entries.isPending}>
      <Group justify="space-between" mb="xs">
        <Group gap={4}>
          <PeriodSteps onStep={(by) => setDay(stepBy(scale, day, by))} onToday={() => setDay(new Date())} />
          <Text fw={500} size="sm" ml="xs" aria-live="polite">
            {formatDate(axis.from)} – {formatDate(axis.to.getTime() - 1)}
          </Text>
        </Group>
        <Group gap="xs">
          <SegmentedControl
            size="xs"
            aria-label={t('timeline.scale')}
            value={scale}
            data={SCALES.map((value) => ({ value, label: t(`timeline.by.${value}`) }))}
            onChange={(value) => (onScale ?? setOwn)(value as Scale)}
          />
          {!narrow && (
            <SegmentedControl
              size="xs"
              aria-label={t('timeline.show')}
              value={listed ? 'list' : 'chart'}
              data={(['chart', 'list'] as const).map((value) => ({ value, label: t(`timeline.${value}`) }))}
              onChange={(value) => setListed(value === 'list')}
            />
          )}
        </Group>
      </Group>
      {entries.error && <ErrorMessage error={entries.error} retry={() => void entries.refetch()} />}
      {failed && <MoveFailedMessage failed={failed} title={t('calendar.failed')} />}
      {entries.data && entries.data.total > entries.data.all.length && (
        <Text size="sm" role="status" mb="xs">
          {t('calendar.tooMany', { shown: entries.data.all.length, count: entries.data.total })}
        </Text>
      )}
      {entries.data && lanes.length === 0 && (
        <EmptyState title={t('timeline.nothing')}>{t('timeline.nothingHint')}</EmptyState>
      )}
      {lanes.length > 0 &&
        (asList ? (
          <TimelineList {...visible} grouped={groupBy !== undefined} />
        ) : (
          <Chart {...visible} key={`${scale} ${localDay(axis.from)}`} axis={axis} label={pluralNameOf(type)} />
        ))}
    </div>
  );
}
