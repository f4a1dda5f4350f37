import { Skeleton, Text, VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Query } from '@/api/content';
import { type ContentType, pluralNameOf } from '@/api/model';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatNumber } from '@/ui/format';
import classes from './Dashboard.module.css';
import { breakdownQuery, countQuery, useValueName } from './figures';

/** One number. */
export function Count({ type, found: query }: { type: ContentType; found: Query }) {
  const { data, error, refetch } = useQuery(countQuery(type, query));
  if (error) return <ErrorMessage error={error} retry={() => void refetch()} />;
  if (data === undefined) return <FigureSkeleton />;
  return (
    <p className={classes.count}>
      {formatNumber(data)}{' '}
      <Text span size="sm" c="dimmed">
        {pluralNameOf(type)}
      </Text>
    </p>
  );
}

/** Numbers by value: a table whose bars are its chart, so that nothing is to be seen that cannot be read. */
export function Breakdown({
  type,
  groupBy,
  query: entryQuery,
  caption,
}: {
  type: ContentType;
  groupBy: string;
  query: Query;
  caption: string;
}) {
  const { t } = useTranslation('views');
  const name = useValueName(type, groupBy);
  const { data, error, refetch } = useQuery(breakdownQuery(type, groupBy, entryQuery));
  if (error) return <ErrorMessage error={error} retry={() => void refetch()} />;
  if (data === undefined) return <FigureSkeleton />;
  const total = data.reduce((sum, share) => sum + share.count, 0);
  const most = Math.max(1, ...data.map((share) => share.count));
  if (total === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('dashboard.nothing')}
      </Text>
    );
  }
  return (
    <table className={classes.chart}>
      <caption>
        <VisuallyHidden>{caption}</VisuallyHidden>
      </caption>
      <thead>
        <tr>
          <th scope="col">
            <VisuallyHidden>{t('filter.value')}</VisuallyHidden>
          </th>
          <th scope="col" colSpan={2}>
            <VisuallyHidden>{t('dashboard.entries')}</VisuallyHidden>
          </th>
        </tr>
      </thead>
      <tbody>
        {data.map(({ value, count }) => (
          <tr key={value ?? ''}>
            <th scope="row">{name(value)}</th>
            <td className={classes.barCell} aria-hidden>
              <svg className={classes.bar} viewBox="0 0 100 10" preserveAspectRatio="none">
                <rect width={(count / most) * 100} height="10" rx="0.5" />
              </svg>
            </td>
            <td className={classes.number}>
              {formatNumber(count)}{' '}
              <Text span size="xs" c="dimmed">
                {formatNumber(count / total, { style: 'percent' })}
              </Text>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function FigureSkeleton() {
  return (
    <DelayedContent>
      <Skeleton h={48} />
    </DelayedContent>
  );
}
