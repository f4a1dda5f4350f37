import { Group, Table, Text, Title } from '@mantine/core';
import { useContext, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { formatNumber } from '@/ui/format';
import { barsOf, HEIGHT, pathOf, rangeOf, type Series, slicesOf, WIDTH } from '../chart';
import { HeadingContext, useLabels } from '../context';
import type { BlockOf, Tone } from '../types';
import { Breakdown } from './Breakdown';
import classes from './Chart.module.css';

/** Colours of series that have no tone, in their order; told apart by the table as well. */
const TURN = ['blue', 'orange', 'teal', 'grape', 'lime', 'red', 'cyan', 'yellow', 'indigo', 'pink'] as const;

/** The colour of the series, or slice, of a number. */
function colourOf(at: number): string {
  return `var(--mantine-color-${TURN[at % TURN.length]}-filled)`;
}

const TONED: Record<Tone, string> = { neutral: 'gray', info: 'blue', success: 'green', warning: 'yellow', danger: 'red' };

/** Numbers as a picture; all of them can be read in the table below it. */
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
  if (block.type && block.groupBy) {
    return (
      <section aria-label={name ?? t('chart')}>
        {heading}
        <Breakdown block={{ type: block.type, groupBy: block.groupBy, ...(block.filters ? { filters: block.filters } : {}) }} caption={name} />
      </section>
    );
  }
  const places = (block.x ?? []).map((place) => label(place));
  const series = (block.series ?? []).map((one) => ({ label: label(one.label), values: one.values }));
  const colours = (block.series ?? []).map(({ tone }, at) => (tone ? `var(--mantine-color-${TONED[tone]}-filled)` : colourOf(at)));
  return (
    <figure className={classes.figure} aria-label={name ?? t('chart')}>
      {heading}
      {block.mark === 'pie' ? (
        <Pie places={places} values={series[0]?.values ?? []} />
      ) : (
        <>
          <Plot mark={block.mark} places={places} series={series} colours={colours} />
          {series.length > 1 && (
            <Group gap="md" mt={4}>
              {series.map((one, at) => (
                // eslint-disable-next-line react/no-array-index-key
                <Text key={at} size="xs" className={classes.key}>
                  <span className={classes.swatch} style={{ background: colours[at] }} aria-hidden />
                  {one.label}
                </Text>
              ))}
            </Group>
          )}
        </>
      )}
      <details className={classes.numbers}>
        <summary>{t('numbers')}</summary>
        <Table.ScrollContainer minWidth={Math.min(600, 120 * (series.length + 1))} type="native">
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th />
                {series.map((one, at) => (
                  // eslint-disable-next-line react/no-array-index-key
                  <Table.Th key={at} ta="end">
                    {one.label}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {places.map((place, row) => (
                // eslint-disable-next-line react/no-array-index-key
                <Table.Tr key={row}>
                  <Table.Th scope="row">{place}</Table.Th>
                  {series.map((one, at) => {
                    const value = one.values[row];
                    return (
                      // eslint-disable-next-line react/no-array-index-key
                      <Table.Td key={at} ta="end">
                        {typeof value === 'number' ? formatNumber(value) : '–'}
                      </Table.Td>
                    );
                  })}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </details>
    </figure>
  );
}

/** Documents counted by value, as a widget. */
export function BreakdownBlock({ block }: { block: BlockOf<'breakdown'> }) {
  return <Breakdown block={block} />;
}

function Plot({ mark, places, series, colours }: { mark: 'bar' | 'line' | 'area'; places: readonly string[]; series: readonly Series[]; colours: readonly string[] }) {
  const range = rangeOf(series);
  return (
    <div className={classes.plot}>
      <Text size="xs" c="dimmed" className={classes.most} aria-hidden>
        {formatNumber(range[1])}
      </Text>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className={classes.svg} aria-hidden>
        {[0, 0.25, 0.5, 0.75, 1].map((part) => (
          <line key={part} x1="0" x2={WIDTH} y1={HEIGHT * part} y2={HEIGHT * part} className={classes.rule} />
        ))}
        {mark === 'bar' &&
          barsOf(series, places.length, range).map((bar) => <rect key={`${bar.series} ${bar.x}`} x={bar.x} y={bar.y} width={bar.width} height={bar.height} style={{ fill: colours[bar.series] }} />)}
        {mark === 'area' &&
          // eslint-disable-next-line react/no-array-index-key
          series.map((one, at) => <path key={at} d={pathOf(one, places.length, range, true)} style={{ fill: colours[at], opacity: 0.25 }} />)}
        {mark !== 'bar' &&
          // eslint-disable-next-line react/no-array-index-key
          series.map((one, at) => <path key={at} d={pathOf(one, places.length, range)} className={classes.line} style={{ stroke: colours[at] }} />)}
      </svg>
      <Group justify="space-between" gap="xs" wrap="nowrap" className={classes.ends} aria-hidden>
        <Text size="xs" c="dimmed" truncate>
          {places[0]}
        </Text>
        {places.length > 1 && (
          <Text size="xs" c="dimmed" truncate>
            {places.at(-1)}
          </Text>
        )}
      </Group>
    </div>
  );
}

function Pie({ places, values }: { places: readonly string[]; values: readonly (number | null)[] }) {
  const slices = slicesOf(values);
  return (
    <Group gap="md">
      <svg viewBox="0 0 100 100" className={classes.pie} aria-hidden>
        {slices.map(({ at, path }) => (
          <path key={at} d={path} style={{ fill: colourOf(at) }} />
        ))}
      </svg>
      <ul className={classes.legend}>
        {slices.map(({ at, share }) => (
          <li key={at}>
            <Text size="xs" className={classes.key}>
              <span className={classes.swatch} style={{ background: colourOf(at) }} aria-hidden />
              {places[at]} {formatNumber(share, { style: 'percent' })}
            </Text>
          </li>
        ))}
      </ul>
    </Group>
  );
}
