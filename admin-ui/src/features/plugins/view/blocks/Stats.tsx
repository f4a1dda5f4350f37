import { Text } from '@mantine/core';
import { formatNumber } from '@/ui/format';
import { lazyPart } from '@/ui/lazyPart';
import { useLabels } from '../context';
import type { BlockOf } from '../types';
import classes from './Stats.module.css';

/** With the reading of queries, which a page of given numbers does not need. */
const CountView = lazyPart(() => import('./CountView'));

/** Numbers side by side. */
export function StatsBlock({ block }: { block: BlockOf<'stats'> }) {
  const label = useLabels();
  return (
    <dl className={classes.stats}>
      {block.items.map((item, at) => (
        // eslint-disable-next-line react/no-array-index-key
        <div key={at} className={classes.stat} data-tone={item.tone}>
          <Text component="dt" size="sm" c="dimmed">
            {label(item.label)}
          </Text>
          <dd className={classes.value}>
            {item.count ? (
              <CountView block={item.count} />
            ) : typeof item.value === 'number' ? (
              formatNumber(item.value)
            ) : (
              item.value
            )}
          </dd>
          {item.hint && (
            <Text component="dd" size="xs" c="dimmed" m={0}>
              {label(item.hint)}
            </Text>
          )}
        </div>
      ))}
    </dl>
  );
}

/** One number of a dashboard. */
export function CountBlock({ block }: { block: BlockOf<'count'> }) {
  return (
    <p className={classes.value}>
      <CountView block={block} />
    </p>
  );
}
