import { Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Query } from '@/api/content';
import type { ContentType } from '@/api/model';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { breakdownQuery, useValueName } from '@/views/dashboard/figures';
import { useView } from '../context';
import type { BlockOf } from '../types';
import classes from './Chart.module.css';
import { MissingContentType, InvalidQuery } from './MissingContentType';
import { type Mark, ChartPicture } from './ChartPicture';
import { useFigureOf } from './useQueryOf';

/** Documents counted by value, drawn by a mark. */
export function CountChart({
  block,
  mark,
  name,
}: {
  block: Pick<BlockOf<'breakdown'>, 'type' | 'groupBy' | 'filters'>;
  mark: Mark;
  name: string;
}) {
  const { model } = useView();
  const { type, definition, query, problems } = useFigureOf('breakdown', block);
  if (!model.contentTypes.some(({ uid }) => uid === block.type)) return <MissingContentType type={block.type} />;
  if (!type || !definition) return <InvalidQuery problems={problems} />;
  return <CountChartLoader type={type} groupBy={block.groupBy} query={query} mark={mark} name={name} />;
}

function CountChartLoader({
  type,
  groupBy,
  query,
  mark,
  name,
}: {
  type: ContentType;
  groupBy: string;
  query: Query;
  mark: Mark;
  name: string;
}) {
  const { t } = useTranslation('views');
  const nameOf = useValueName(type, groupBy);
  const { data, error, refetch } = useQuery(breakdownQuery(type, groupBy, query));
  if (error) return <ErrorMessage error={error} retry={() => void refetch()} />;
  if (data === undefined) {
    return (
      <DelayedContent>
        <Skeleton h={160} />
      </DelayedContent>
    );
  }
  if (data.every(({ count }) => count === 0)) {
    return (
      <Text size="sm" c="dimmed">
        {t('dashboard.nothing')}
      </Text>
    );
  }
  const values = data.map(({ count }) => count);
  return (
    <figure className={classes.figure} aria-label={name}>
      <ChartPicture
        mark={mark}
        labels={data.map(({ value }) => nameOf(value))}
        series={[{ label: t('dashboard.entries'), values }]}
      />
    </figure>
  );
}
