/** A series of numbers, a place for each on the horizontal axis. */
export interface Series {
  label: string;
  values: readonly (number | null)[];
}

/** The room that a chart is drawn in: units of its view box. */
export const WIDTH = 600;
export const HEIGHT = 220;
/** As many places as have room for their names below a plot; of more, the first and the last are named. */
export const MAX_LABELS = 8;

/** From the least to the most of all numbers; bars and areas stand on zero, so that is in it. */
export function rangeOf(series: readonly Series[]): readonly [number, number] {
  const numbers = series.flatMap(({ values }) =>
    values.filter((value): value is number => value !== null && Number.isFinite(value)),
  );
  const [least, most] = [Math.min(0, ...numbers), Math.max(0, ...numbers)];
  return least === most ? [least, least + 1] : [least, most];
}

/** How high a number stands, from the top. */
function heightOf(value: number, [least, most]: readonly [number, number]): number {
  return HEIGHT - ((value - least) / (most - least)) * HEIGHT;
}

export interface Bar {
  series: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Bars of all series, side by side at each place. */
export function barsOf(series: readonly Series[], count: number, range: readonly [number, number]): Bar[] {
  const slot = WIDTH / Math.max(1, count);
  const width = (slot * 0.8) / Math.max(1, series.length);
  const zero = heightOf(0, range);
  return series.flatMap(({ values }, at) =>
    values.slice(0, count).flatMap((value, index): Bar[] => {
      if (value === null || !Number.isFinite(value)) return [];
      const y = heightOf(value, range);
      return [
        {
          series: at,
          x: index * slot + slot * 0.1 + at * width,
          width,
          y: Math.min(y, zero),
          height: Math.abs(zero - y),
        },
      ];
    }),
  );
}

function roundCoordinate(number: number): string {
  return String(Math.round(number * 100) / 100);
}

/** A line through a series; it is broken where a number is missing. With `filled` down to zero. */
export function pathOf({ values }: Series, count: number, range: readonly [number, number], filled = false): string {
  const step = count > 1 ? WIDTH / (count - 1) : 0;
  const zero = heightOf(0, range);
  const parts: [number, number][][] = [[]];
  values.slice(0, count).forEach((value, index) => {
    if (value === null || !Number.isFinite(value)) parts.push([]);
    else parts.at(-1)?.push([count > 1 ? index * step : WIDTH / 2, heightOf(value, range)]);
  });
  return parts
    .filter((part) => part.length > 0)
    .map((part) => {
      const line = part
        .map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${roundCoordinate(x)} ${roundCoordinate(y)}`)
        .join('');
      const [first, last] = [part[0], part.at(-1)];
      if (filled && first && last)
        return `${line}L${roundCoordinate(last[0])} ${roundCoordinate(zero)}L${roundCoordinate(first[0])} ${roundCoordinate(zero)}Z`;
      // A number between two that are missing is a point.
      return part.length === 1 && first
        ? `${line}L${roundCoordinate(first[0] + 0.01)} ${roundCoordinate(first[1])}`
        : line;
    })
    .join('');
}

/** The point of a round at a part of its turn, from the top. */
function pointOnCircle(turn: number): string {
  return `${(50 + 50 * Math.sin(turn * 2 * Math.PI)).toFixed(3)} ${(50 - 50 * Math.cos(turn * 2 * Math.PI)).toFixed(3)}`;
}

/** Slices of a round of 100 by 100, as paths; what is not above zero has none. */
export function slicesOf(values: readonly (number | null)[]): { at: number; path: string; share: number }[] {
  const parts = values.map((value) => (value !== null && Number.isFinite(value) && value > 0 ? value : 0));
  const total = parts.reduce((sum, value) => sum + value, 0);
  if (total === 0) return [];
  let turned = 0;
  return parts.flatMap((value, at) => {
    if (value === 0) return [];
    const share = value / total;
    const [from, to] = [turned, turned + share];
    turned = to;
    // A whole round is not an arc: its end would be its beginning.
    if (share > 0.9999) return [{ at, share, path: 'M50 0A50 50 0 1 1 49.99 0Z' }];
    return [
      { at, share, path: `M50 50L${pointOnCircle(from)}A50 50 0 ${share > 0.5 ? 1 : 0} 1 ${pointOnCircle(to)}Z` },
    ];
  });
}
