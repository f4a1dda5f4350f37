import { Group, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatNumber, moneyOptions } from '@/ui/format';
import {
  barsOf,
  centreOf,
  funnelOf,
  HEIGHT,
  namedPlaces,
  pathOf,
  type Series,
  slicesOf,
  ticksOf,
  WIDTH,
} from '../chart';
import type { Tone } from '@/views/tones';
import classes from './Chart.module.css';

export type Mark = 'bar' | 'line' | 'area' | 'pie' | 'funnel';

/** How the numbers of a chart are written. */
export interface NumberFormat {
  format?: 'number' | 'money' | 'percent' | undefined;
  currency?: string | undefined;
}

/** Colours of series that have no tone, in their order; told apart by the table as well. */
const SERIES_COLOURS = ['blue', 'orange', 'teal', 'grape', 'lime', 'red', 'cyan', 'yellow', 'indigo', 'pink'] as const;

/** Of more names below a plot, every second one is left out on a phone. */
const MAX_LABELS_ON_PHONES = 4;

/** The colour of the series, or slice, of a number. */
function colourOf(at: number): string {
  return `var(--mantine-color-${SERIES_COLOURS[at % SERIES_COLOURS.length]}-filled)`;
}

const TONE_COLOURS: Record<Tone, string> = {
  neutral: 'gray',
  info: 'blue',
  success: 'green',
  warning: 'yellow',
  danger: 'red',
};

function optionsOf({ format, currency }: NumberFormat): Intl.NumberFormatOptions {
  if (format === 'percent') return { style: 'percent', maximumFractionDigits: 1 };
  return format === 'money' ? moneyOptions(currency) : {};
}

/** A number of an axis: short, since all of them are round. */
function formatTick(value: number, format: NumberFormat): string {
  const compact: Intl.NumberFormatOptions =
    Math.abs(value) >= 10_000 ? { notation: 'compact', maximumFractionDigits: 1 } : { maximumFractionDigits: 20 };
  return formatNumber(value, { ...optionsOf(format), minimumFractionDigits: 0, ...compact });
}

/** Numbers drawn by a mark; the drawing is for the eye alone, and the table below it is for everybody. */
export function ChartPicture({
  mark,
  labels,
  series,
  stacked = false,
  format = {},
}: {
  mark: Mark;
  labels: readonly string[];
  series: readonly (Series & { tone?: Tone | undefined })[];
  stacked?: boolean | undefined;
  format?: NumberFormat;
}) {
  const { t } = useTranslation('pluginView');
  const colours = series.map(({ tone }, at) =>
    tone ? `var(--mantine-color-${TONE_COLOURS[tone]}-filled)` : colourOf(at),
  );
  const write = (value: number) => formatNumber(value, optionsOf(format));
  return (
    <>
      {mark === 'pie' && <Pie places={labels} values={series[0]?.values ?? []} write={write} />}
      {mark === 'funnel' && (
        <Funnel places={labels} values={series[0]?.values ?? []} colour={colours[0] ?? colourOf(0)} write={write} />
      )}
      {(mark === 'bar' || mark === 'line' || mark === 'area') && (
        <>
          <Plot
            mark={mark}
            labels={labels}
            series={series}
            colours={colours}
            stacked={stacked}
            write={write}
            writeTick={(value) => formatTick(value, format)}
          />
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
              {labels.map((place, row) => (
                // eslint-disable-next-line react/no-array-index-key
                <Table.Tr key={row}>
                  <Table.Th scope="row">{place}</Table.Th>
                  {series.map((one, at) => {
                    const value = one.values[row];
                    return (
                      // eslint-disable-next-line react/no-array-index-key
                      <Table.Td key={at} ta="end">
                        {typeof value === 'number' ? write(value) : '–'}
                      </Table.Td>
                    );
                  })}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </details>
    </>
  );
}

function Plot({
  mark,
  labels,
  series,
  colours,
  stacked,
  write,
  writeTick,
}: {
  mark: 'bar' | 'line' | 'area';
  labels: readonly string[];
  series: readonly Series[];
  colours: readonly string[];
  stacked: boolean;
  write: (value: number) => string;
  writeTick: (value: number) => string;
}) {
  const count = labels.length;
  const ticks = ticksOf(series, count, stacked);
  const range = [ticks[0] ?? 0, ticks.at(-1) ?? 1] as const;
  const heights = ticks.map((_, at) => HEIGHT * (1 - at / (ticks.length - 1)));
  const named = namedPlaces(count);
  return (
    <div className={classes.plot} aria-hidden>
      <div className={classes.ticks}>
        {ticks.toReversed().map((tick) => (
          <Text key={tick} size="xs" c="dimmed">
            {writeTick(tick)}
          </Text>
        ))}
      </div>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className={classes.svg}>
        {heights.map((y, at) => (
          <line key={y} x1="0" x2={WIDTH} y1={y} y2={y} className={classes.rule} data-zero={ticks[at] === 0} />
        ))}
        {mark === 'bar' &&
          barsOf(series, count, range, stacked).map((bar) => (
            <rect
              key={`${bar.series} ${bar.place}`}
              x={bar.x}
              y={bar.y}
              width={bar.width}
              height={bar.height}
              style={{ fill: colours[bar.series] }}
            >
              <title>
                {[labels[bar.place], series.length > 1 ? series[bar.series]?.label : '']
                  .filter((part) => part)
                  .join(', ')}
                : {write(series[bar.series]?.values[bar.place] ?? 0)}
              </title>
            </rect>
          ))}
        {mark === 'area' &&
          // eslint-disable-next-line react/no-array-index-key
          series.map((one, at) => (
            <path key={at} d={pathOf(one, count, range, true)} style={{ fill: colours[at], opacity: 0.25 }} />
          ))}
        {mark !== 'bar' &&
          // eslint-disable-next-line react/no-array-index-key
          series.map((one, at) => (
            <path key={at} d={pathOf(one, count, range)} className={classes.line} style={{ stroke: colours[at] }} />
          ))}
      </svg>
      <div className={classes.axis}>
        {named.map((place, at) => (
          <Text
            key={place}
            size="xs"
            c="dimmed"
            className={classes.place}
            data-second={named.length > MAX_LABELS_ON_PHONES && at % 2 === 1}
            data-end={mark !== 'bar' && count > 1 && place === count - 1}
            style={{ left: `${100 * centreOf(place, count, mark === 'bar')}%` }}
          >
            {labels[place]}
          </Text>
        ))}
      </div>
    </div>
  );
}

/** How many of the first place are left at each, as bars in the middle with their numbers beside them. */
function Funnel({
  places,
  values,
  colour,
  write,
}: {
  places: readonly string[];
  values: readonly (number | null)[];
  colour: string;
  write: (value: number) => string;
}) {
  return (
    <ol className={classes.funnel}>
      {funnelOf(values, places.length).map(({ value, width, share }, at) => (
        // eslint-disable-next-line react/no-array-index-key
        <li key={at}>
          <Text size="sm" className={classes.step}>
            {places[at]}
          </Text>
          <div className={classes.stepTrack} aria-hidden>
            <div style={{ width: `${100 * width}%`, background: colour }} />
          </div>
          <Text size="sm" className={classes.stepNumber}>
            {value === null ? '–' : write(value)}
            {share !== null && at > 0 && (
              <Text span size="sm" c="dimmed">
                {' '}
                ({formatNumber(share, { style: 'percent', maximumFractionDigits: 1 })})
              </Text>
            )}
          </Text>
        </li>
      ))}
    </ol>
  );
}

function Pie({
  places: labels,
  values,
  write,
}: {
  places: readonly string[];
  values: readonly (number | null)[];
  write: (value: number) => string;
}) {
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
              {labels[at]}: {write(values[at] ?? 0)} ({formatNumber(share, { style: 'percent' })})
            </Text>
          </li>
        ))}
      </ul>
    </Group>
  );
}
