import { Group, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatNumber } from '@/ui/format';
import { barsOf, HEIGHT, MAX_LABELS, pathOf, rangeOf, type Series, slicesOf, WIDTH } from '../chart';
import type { Tone } from '@/views/tones';
import classes from './Chart.module.css';

export type Mark = 'bar' | 'line' | 'area' | 'pie';

/** Colours of series that have no tone, in their order; told apart by the table as well. */
const SERIES_COLOURS = ['blue', 'orange', 'teal', 'grape', 'lime', 'red', 'cyan', 'yellow', 'indigo', 'pink'] as const;

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

/** Numbers drawn by a mark; the drawing is for the eye alone, and the table below it is for everybody. */
export function ChartPicture({
  mark,
  labels,
  series,
}: {
  mark: Mark;
  labels: readonly string[];
  series: readonly (Series & { tone?: Tone | undefined })[];
}) {
  const { t } = useTranslation('pluginView');
  const colours = series.map(({ tone }, at) =>
    tone ? `var(--mantine-color-${TONE_COLOURS[tone]}-filled)` : colourOf(at),
  );
  return (
    <>
      {mark === 'pie' ? (
        <Pie places={labels} values={series[0]?.values ?? []} />
      ) : (
        <>
          <Plot mark={mark} labels={labels} series={series} colours={colours} />
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
    </>
  );
}

function Plot({
  mark,
  labels,
  series,
  colours,
}: {
  mark: 'bar' | 'line' | 'area';
  labels: readonly string[];
  series: readonly Series[];
  colours: readonly string[];
}) {
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
          barsOf(series, labels.length, range).map((bar) => (
            <rect
              key={`${bar.series} ${bar.x}`}
              x={bar.x}
              y={bar.y}
              width={bar.width}
              height={bar.height}
              style={{ fill: colours[bar.series] }}
            />
          ))}
        {mark === 'area' &&
          // eslint-disable-next-line react/no-array-index-key
          series.map((one, at) => (
            <path key={at} d={pathOf(one, labels.length, range, true)} style={{ fill: colours[at], opacity: 0.25 }} />
          ))}
        {mark !== 'bar' &&
          // eslint-disable-next-line react/no-array-index-key
          series.map((one, at) => (
            <path
              key={at}
              d={pathOf(one, labels.length, range)}
              className={classes.line}
              style={{ stroke: colours[at] }}
            />
          ))}
      </svg>
      <Axis mark={mark} places={labels} />
    </div>
  );
}

/** The names of the places below a plot: bars stand in the middle of theirs, lines begin at the first and end at the last. */
function Axis({ mark, places: labels }: { mark: 'bar' | 'line' | 'area'; places: readonly string[] }) {
  const named = labels.length > MAX_LABELS ? [labels[0], labels.at(-1)] : labels;
  return (
    <div className={classes.axis} data-mark={named === labels ? mark : 'line'} aria-hidden>
      {named.map((place, at) => (
        // eslint-disable-next-line react/no-array-index-key
        <Text key={at} size="xs" c="dimmed" truncate>
          {place}
        </Text>
      ))}
    </div>
  );
}

function Pie({ places: labels, values }: { places: readonly string[]; values: readonly (number | null)[] }) {
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
              {labels[at]}: {formatNumber(values[at] ?? 0)} ({formatNumber(share, { style: 'percent' })})
            </Text>
          </li>
        ))}
      </ul>
    </Group>
  );
}
