import { Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Query } from '@/api/content';
import type { ContentType } from '@/api/model';
import { Delayed } from '@/ui/Delayed';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { breakdownQuery, useValueName } from '@/views/dashboard/figures';
import { useView } from '../context';
import type { BlockOf } from '../types';
import classes from './Chart.module.css';
import { Missing, Wrong } from './Missing';
import { type Mark, Picture } from './Picture';
import { useFigureOf } from './useQueryOf';

/** Documents counted by value, drawn by a mark. */
export function CountedPicture({
  block,
  mark,
  name,
}: {
  block: Pick<BlockOf<'breakdown'>, 'type' | 'groupBy' | 'filters'>;
  mark: Mark;
  name: string;
}) {
  const { model } = useView();
  const { type, definition, found, problems } = useFigureOf('breakdown', block);
  if (!model.contentTypes.some(({ uid }) => uid === block.type)) return <Missing type={block.type} />;
  if (!type || !definition) return <Wrong problems={problems} />;
  return <Counts type={type} groupBy={block.groupBy} found={found} mark={mark} name={name} />;
}

function Counts({
  type,
  groupBy,
  found,
  mark,
  name,
}: {
  type: ContentType;
  groupBy: string;
  found: Query;
  mark: Mark;
  name: string;
}) {
  const { t } = useTranslation('views');
  const nameOf = useValueName(type, groupBy);
  const { data, error, refetch } = useQuery(breakdownQuery(type, groupBy, found));
  if (error) return <ErrorMessage error={error} retry={() => void refetch()} />;
  if (data === undefined) {
    return (
      <Delayed>
        <Skeleton h={160} />
      </Delayed>
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
      <Picture
        mark={mark}
        places={data.map(({ value }) => nameOf(value))}
        series={[{ label: t('dashboard.entries'), values }]}
      />
    </figure>
  );
}
