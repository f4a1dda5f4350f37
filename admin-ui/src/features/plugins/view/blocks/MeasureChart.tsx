import { Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { aggregateEntries, type EntryGroup, type Query } from '@/api/content';
import type { ContentType } from '@/api/model';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { LOCAL_ZONE } from '@/ui/format';
import { groupValues, useValueName, valueText } from '@/views/dashboard/figures';
import { fillPeriods, type Period, periodName } from '@/views/dashboard/periods';
import { entriesKey } from '@/views/entries/useEntryRows';
import { resolveField } from '@/views/fieldPath';
import { useView } from '../context';
import type { BlockOf } from '../types';
import classes from './Chart.module.css';
import { ChartPicture } from './ChartPicture';
import { InvalidQuery, MissingContentType } from './MissingContentType';
import { useFigureOf } from './useQueryOf';

const TIMES = ['date', 'datetime', 'timestamp'];

/** Documents by value or calendar period: their number, or the sum, average or median of a field. */
export function MeasureChart({ block, name }: { block: BlockOf<'chart'>; name: string }) {
  const { model } = useView();
  const { period, groupBy = '', filters } = block;
  // A period is of any date; what is counted by value has to have values that are known.
  const counted = { type: block.type ?? '', ...(filters ? { filters } : {}), ...(period ? {} : { groupBy }) };
  const { type, definition, query, problems } = useFigureOf(period ? 'count' : 'breakdown', counted);
  if (!model.contentTypes.some(({ uid }) => uid === block.type)) return <MissingContentType type={counted.type} />;
  const kind = type && resolveField(model, type, groupBy)?.attribute.type;
  if (!type || !definition || (period && !TIMES.includes(kind ?? ''))) return <InvalidQuery problems={problems} />;
  const groupField = period ? `${groupBy}@${period}${kind === 'date' ? '' : `@${LOCAL_ZONE}`}` : groupBy;
  return <MeasureChartLoader block={block} type={type} groupField={groupField} query={query} name={name} />;
}

interface LoaderProps {
  block: BlockOf<'chart'>;
  type: ContentType;
  /** What the server groups by. */
  groupField: string;
  query: Query;
  name: string;
}

function MeasureChartLoader({ block, type, groupField, query, name }: LoaderProps) {
  const { t } = useTranslation('views');
  const { period, measure, field = '', groupBy = '' } = block;
  const nameOf = useValueName(type, groupBy);
  const measures = [measure ? `${measure}.${field}` : 'count'];
  const { data, error, refetch } = useQuery({
    queryKey: [...entriesKey(type.uid), 'measure', groupField, measures, query],
    queryFn: ({ signal }) => aggregateEntries(type, query, { groupBy: [groupField], measures }, signal),
  });
  if (error) return <ErrorMessage error={error} retry={() => void refetch()} />;
  if (data === undefined) {
    return (
      <DelayedContent>
        <Skeleton h={160} />
      </DelayedContent>
    );
  }
  const numbers = new Map(data.map((group) => [valueText(group.group[groupField]), numberOf(group, measure, field)]));
  const places = placesOf(type, groupBy, period, numbers);
  if (places.every((place) => (numbers.get(place) ?? 0) === 0)) {
    return (
      <Text size="sm" c="dimmed">
        {t('dashboard.nothing')}
      </Text>
    );
  }
  return (
    <figure className={classes.figure} aria-label={name}>
      <ChartPicture
        mark={block.mark}
        labels={places.map((place) => (period && place !== null ? periodName(place, period) : nameOf(place)))}
        // Of nothing there is a number and a sum, but neither an average nor a median.
        series={[
          {
            label: measure ? name : t('dashboard.entries'),
            values: places.map(
              (place) => numbers.get(place) ?? (measure === undefined || measure === 'sum' ? 0 : null),
            ),
          },
        ]}
        format={{ format: block.format, currency: block.currency }}
      />
    </figure>
  );
}

/** The places of the chart: every value, or every period in which something is. */
function placesOf(
  type: ContentType,
  groupBy: string,
  period: Period | undefined,
  numbers: ReadonlyMap<string | null, number | null>,
): (string | null)[] {
  if (!period) return groupValues(type, groupBy);
  return fillPeriods(
    [...numbers.keys()].filter((day) => day !== null),
    period,
  );
}

function numberOf(group: EntryGroup, measure: BlockOf<'chart'>['measure'], field: string): number | null {
  if (!measure) return group.count ?? 0;
  const value = group[measure]?.[field];
  return value === null || value === undefined ? null : Number(value);
}
