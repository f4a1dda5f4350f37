import { formatNumber } from '@/ui/format';

/** The least and the most of some times in microseconds, as far as they are known; a scale is a tenfold wide at least. */
export function scaleOf(times: readonly (number | null)[]): readonly [number, number] {
  const known = times.filter((time): time is number => time !== null && time > 0);
  if (known.length === 0) return [1, 10];
  const least = Math.min(...known);
  return [least, Math.max(...known, least * 10)];
}

/** Where a time stands on a scale, in percent of its width. By orders of magnitude: a hook takes microseconds, a job minutes. */
export function scalePosition(time: number, [least, most]: readonly [number, number]): number {
  if (time <= least) return 0;
  return Math.min(100, (Math.log(time / least) / Math.log(most / least)) * 100);
}

const UNITS = [
  [60_000_000, 'minute'],
  [1_000_000, 'second'],
  [1000, 'millisecond'],
  [1, 'microsecond'],
] as const;

/** `340 μs`, `12 ms`, `3.4 sec`. */
export function formatMicros(micros: number): string {
  const [size, unit] = UNITS.find(([one]) => micros >= one) ?? [1, 'microsecond'];
  return formatNumber(micros / size, { style: 'unit', unit, unitDisplay: 'short', maximumSignificantDigits: 3 });
}
