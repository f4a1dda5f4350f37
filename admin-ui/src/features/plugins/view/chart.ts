/** A series of numbers, a place for each on the horizontal axis. */
export interface Series {
  label: string;
  values: readonly (number | null)[];
}

/** The room that a chart is drawn in: units of its view box. */
export const WIDTH = 600;
export const HEIGHT = 220;
/** As many names of places as have room below a plot; of more places, every second, third … is named. */
const MAX_LABELS = 8;
/** Room for the bars of one place at most: of a single place they would be a block. */
const MAX_BARS_WIDTH = WIDTH / 5;
/** Width of a single point, which is no line. */
const POINT_WIDTH = 12;
/** As many parts as the height is divided into, at most. */
const MAX_PARTS = 5;

function isNumber(value: number | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** What the bars of a place come to on top of each other: above zero, and below. */
function stackOf(series: readonly Series[], place: number): [number, number] {
  const numbers = series.map(({ values }) => values[place]).filter(isNumber);
  return [
    numbers.reduce((total, value) => total + Math.max(0, value), 0),
    numbers.reduce((total, value) => total + Math.min(0, value), 0),
  ];
}

/** Farther than any number that means something, and near enough to calculate with. */
const FARTHEST = 1e300;

/**
 * The numbers beside a plot, evenly apart, from the lowest to the highest: round ones, and few. They cover all numbers and zero, on
 * which bars and areas stand; between whole numbers there are no others.
 */
export function ticksOf(series: readonly Series[], count: number, stacked = false): number[] {
  const numbers = series.flatMap(({ values }) => values.slice(0, count).filter(isNumber));
  const ends = stacked ? Array.from({ length: count }, (_, place) => stackOf(series, place)).flat() : numbers;
  // Not by spreading them: ten series of 400 places would be as many arguments.
  const least = ends.reduce((lowest, value) => Math.min(lowest, value), 0);
  const most = ends.reduce((highest, value) => Math.max(highest, value), 0);
  const flat = most - least < 1 / FARTHEST;
  const [bottom, top] = [Math.max(least, -FARTHEST), flat ? 1 : Math.min(most, FARTHEST)];
  const step = stepOf(bottom, top, numbers.every(Number.isInteger));
  const [first, last] = [Math.floor(bottom / step), Math.ceil(top / step)];
  // 3 * 0.1 is not 0.3, which the last digits show.
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

/** The least of 1, 2 and 5 times a power of ten that divides a range into few parts. */
function stepOf(bottom: number, top: number, whole: boolean): number {
  const power = 10 ** Math.floor(Math.log10((top - bottom) / MAX_PARTS));
  const fitting = [1, 2, 5, 10, 20]
    .map((factor) => factor * power)
    .find((step) => Math.ceil(top / step) - Math.floor(bottom / step) <= MAX_PARTS);
  return Math.max(fitting ?? 50 * power, whole ? 1 : 0);
}

/** How high a number stands, from the top. */
function heightOf(value: number, [least, most]: readonly [number, number]): number {
  return HEIGHT - ((value - least) / (most - least)) * HEIGHT;
}

export interface Bar {
  series: number;
  place: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Bars of all series: side by side at each place, or on top of each other. */
export function barsOf(
  series: readonly Series[],
  count: number,
  range: readonly [number, number],
  stacked = false,
): Bar[] {
  const slot = WIDTH / Math.max(1, count);
  const room = Math.min(slot * 0.8, MAX_BARS_WIDTH);
  const width = room / (stacked ? 1 : Math.max(1, series.length));
  // Where the next bar of a place stands, above zero and below.
  const above = Array.from({ length: count }, () => 0);
  const below = Array.from({ length: count }, () => 0);
  return series.flatMap(({ values }, at) =>
    values.slice(0, count).flatMap((value, place): Bar[] => {
      if (!isNumber(value)) return [];
      const ends = value < 0 ? below : above;
      const from = stacked ? (ends[place] ?? 0) : 0;
      ends[place] = from + value;
      const [top, bottom] = [
        heightOf(Math.max(from, from + value), range),
        heightOf(Math.min(from, from + value), range),
      ];
      const x = place * slot + (slot - room) / 2 + (stacked ? 0 : at * width);
      return [{ series: at, place, x, width, y: top, height: bottom - top }];
    }),
  );
}

/** The places that are named below a plot: all, or every second, third … from the first on. */
export function namedPlaces(count: number): number[] {
  const every = Math.max(1, Math.ceil(count / MAX_LABELS));
  return Array.from({ length: Math.ceil(count / every) }, (_, at) => at * every);
}

/** Where a place is on the horizontal axis, from 0 to 1: bars stand in the middle of theirs, lines go from the first to the last. */
export function centreOf(place: number, count: number, isBar: boolean): number {
  if (isBar) return (place + 0.5) / count;
  return count > 1 ? place / (count - 1) : 0.5;
}

/** A place of a funnel. */
export interface FunnelStep {
  value: number | null;
  /** Of the largest number, as wide as the bar is. */
  width: number;
  /** Of the first number; none where that is zero or missing. */
  share: number | null;
}

/** The places of a funnel: how many of the first are left at each. */
export function funnelOf(values: readonly (number | null)[], count: number): FunnelStep[] {
  const all = Array.from({ length: count }, (_, place) => values[place]).map((value) =>
    isNumber(value) ? value : null,
  );
  const most = all.reduce<number>((highest, value) => Math.max(highest, value ?? 0), 0);
  const first = all[0] ?? 0;
  return all.map((value) => ({
    value,
    width: value !== null && value > 0 && most > 0 ? value / most : 0,
    share: value !== null && first > 0 ? value / first : null,
  }));
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
    if (!isNumber(value)) parts.push([]);
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
      if (part.length > 1 || !first) return line;
      // A number between two that are missing is a point.
      const [x, y] = first;
      const from = Math.min(Math.max(0, x - POINT_WIDTH / 2), WIDTH - POINT_WIDTH);
      return `M${roundCoordinate(from)} ${roundCoordinate(y)}L${roundCoordinate(from + POINT_WIDTH)} ${roundCoordinate(y)}`;
    })
    .join('');
}

/** The point of a round at a part of its turn, from the top. */
function pointOnCircle(turn: number): string {
  return `${(50 + 50 * Math.sin(turn * 2 * Math.PI)).toFixed(3)} ${(50 - 50 * Math.cos(turn * 2 * Math.PI)).toFixed(3)}`;
}

/** Slices of a round of 100 by 100, as paths; what is not above zero has none. */
export function slicesOf(values: readonly (number | null)[]): { at: number; path: string; share: number }[] {
  const parts = values.map((value) => (isNumber(value) && value > 0 ? value : 0));
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
