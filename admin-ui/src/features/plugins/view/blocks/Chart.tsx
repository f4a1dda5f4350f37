import { Title } from '@mantine/core';
import { useContext, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { placeName } from '@/views/dashboard/periods';
import { HeadingContext, useLabels } from '../context';
import type { BlockOf } from '../types';
import { Breakdown } from './Breakdown';
import classes from './Chart.module.css';
import { CountChart } from './CountChart';
import { ChartPicture } from './ChartPicture';
import { MeasureChart } from './MeasureChart';

/** Numbers as a picture: given in `series`, or documents counted by value. All of them can be read in a table. */
export default function Chart({ block }: { block: BlockOf<'chart'> }) {
  const { t } = useTranslation('pluginView');
  const label = useLabels();
  const order = useContext(HeadingContext);
  const id = useId();
  const name = label(block.label);
  const heading = name && (
    <Title order={order} size="h4" mb="xs" id={id}>
      {name}
    </Title>
  );
  const { mark, type, groupBy, filters } = block;
  if (type && groupBy && (block.period || block.measure)) {
    return (
      <section aria-label={name ?? t('chart')}>
        {heading}
        <MeasureChart block={block} name={name ?? t('chart')} />
      </section>
    );
  }
  if (type && groupBy) {
    const counted = { type, groupBy, ...(filters ? { filters } : {}) };
    // A bar stands beside the name of its value, and all of them are a table already.
    return (
      <section aria-label={name ?? t('chart')}>
        {heading}
        {mark === 'bar' ? (
          <Breakdown block={counted} caption={name} />
        ) : (
          <CountChart block={counted} mark={mark} name={name ?? t('chart')} />
        )}
      </section>
    );
  }
  const labels = (block.x ?? []).map((place) => placeName(label(place) ?? ''));
  const series = (block.series ?? []).map((one) => ({
    label: label(one.label) ?? '',
    values: one.values,
    tone: one.tone,
  }));
  return (
    <figure className={classes.figure} aria-label={name ?? t('chart')}>
      {heading}
      <ChartPicture
        mark={mark}
        labels={labels}
        series={series}
        stacked={block.stacked}
        format={{ format: block.format, currency: block.currency }}
      />
    </figure>
  );
}

/** Documents counted by value, as a widget. */
export function BreakdownBlock({ block }: { block: BlockOf<'breakdown'> }) {
  return <Breakdown block={block} />;
}
