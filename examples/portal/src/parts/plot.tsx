import type { PlottedChannel, TelemetryPoint } from '../cairn/telemetry.ts';
import { useSite } from './site.tsx';

const WIDTH = 640;
const HEIGHT = 230;
/** Room for the numbers beside and below the plot. */
const LEFT = 64;
const BOTTOM = 28;
const TOP = 16;
const RIGHT = 14;

type PlotPoint = { t: number; min: number; max: number; mean: number };

/**
 * A channel over time: the mean as a line, in the band from the lowest to the highest value. Its numbers are in the table of the page, which is the
 * alternative in text.
 */
export function Plot({ id, channel, seconds }: { id: string; channel: PlottedChannel; seconds: number }) {
  const { format, t } = useSite();
  const { name, unit, points, min, max } = channel;
  if (min === null || max === null) return null;
  const scale = scaleOf(points, min, max, seconds);
  const ticks = [scale.low, (scale.low + scale.high) / 2, scale.high];
  const times = [scale.from, (scale.from + scale.to) / 2, scale.to];
  const values = { min: format.measure(min, unit), max: format.measure(max, unit) };
  return (
    <figure className="plot">
      <figcaption>
        {name}
        {unit ? <span className="unit"> ({unit})</span> : null}
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-desc`}
      >
        <title id={`${id}-title`}>{t('telemetry.plot', { channel: name })}</title>
        <desc id={`${id}-desc`}>
          {t('telemetry.plot.text', {
            ...values,
            mean: format.measure(channel.mean, unit),
            duration: format.duration(seconds),
          })}
        </desc>
        {ticks.map((value) => (
          <g key={value}>
            <line className="plot-grid" x1={LEFT} x2={WIDTH - RIGHT} y1={scale.y(value)} y2={scale.y(value)} />
            <text x={LEFT - 8} y={scale.y(value)} textAnchor="end" dominantBaseline="middle">
              {format.value(value)}
            </text>
          </g>
        ))}
        {times.map((time, at) => (
          <text key={time} x={scale.x(time)} y={HEIGHT - 6} textAnchor={['start', 'middle', 'end'][at] as 'start'}>
            {format.clock(time - scale.from)}
          </text>
        ))}
        {splitAtGaps(points).map((part) => (
          <g key={part[0]?.t}>
            <path className="plot-band" d={drawBand(part, scale)} />
            <path className="plot-mean" d={drawLine(part, scale)} />
          </g>
        ))}
      </svg>
    </figure>
  );
}

interface Scale {
  from: number;
  to: number;
  low: number;
  high: number;
  x: (time: number) => number;
  y: (value: number) => number;
}

/** Where times and values are in the picture. A channel that never changes is in the middle. */
export function scaleOf(points: TelemetryPoint[], min: number, max: number, seconds: number): Scale {
  const from = points[0]?.t ?? 0;
  // Of a run of one row, too, the end is later than the beginning.
  const to = from + (Math.max((points.at(-1)?.t ?? from) - from, seconds) || 1);
  const flat = min === max ? Math.max(1, Math.abs(min) / 10) : 0;
  const [low, high] = [min - flat, max + flat];
  const round = (number: number) => Math.round(number * 10) / 10;
  return {
    from,
    to,
    low,
    high,
    x: (time) => round(LEFT + ((time - from) / (to - from)) * (WIDTH - LEFT - RIGHT)),
    y: (value) => round(TOP + ((high - value) / (high - low)) * (HEIGHT - TOP - BOTTOM)),
  };
}

/** Parts of a channel without points that have no value. */
export function splitAtGaps(points: TelemetryPoint[]): PlotPoint[][] {
  const parts: PlotPoint[][] = [[]];
  for (const { t, min, max, mean } of points) {
    if (mean === null || min === null || max === null) parts.push([]);
    else parts.at(-1)?.push({ t, min, max, mean });
  }
  return parts.filter(({ length }) => length > 0);
}

function drawLine(part: PlotPoint[], { x, y }: Scale): string {
  // A point alone is a line without length, which its round ends make visible.
  const [first] = part;
  const drawn = first && part.length === 1 ? [first, first] : part;
  return drawn.map(({ t, mean }, at) => `${at === 0 ? 'M' : 'L'}${x(t)} ${y(mean)}`).join('');
}

function drawBand(part: PlotPoint[], { x, y }: Scale): string {
  const above = part.map(({ t, max }, at) => `${at === 0 ? 'M' : 'L'}${x(t)} ${y(max)}`);
  const below = part.toReversed().map(({ t, min }) => `L${x(t)} ${y(min)}`);
  return `${above.join('')}${below.join('')}Z`;
}
