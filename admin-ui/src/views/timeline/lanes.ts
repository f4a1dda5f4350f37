import type { Entry } from '@/api/content';
import { daysBetween, dayOf } from './scale';

/** An entry on the axis. */
export interface Bar {
  entry: Entry;
  title: string;
  /** Its first and last day. */
  first: Date;
  last: Date;
  /** Whether it has an end of its own. */
  ends: boolean;
}

/** A lane with its bars, in rows so that none lies over another. */
export interface Lane {
  key: string;
  label: string;
  rows: Bar[][];
}

/** The bar of an entry; `undefined` where it has no beginning. */
export function barOf(entry: Entry, title: string, date: string, endDate: string | undefined): Bar | undefined {
  const first = dayOf(entry[date]);
  if (!first) return undefined;
  const end = endDate ? dayOf(entry[endDate]) : undefined;
  return { entry, title, first, last: end && end > first ? end : first, ends: end !== undefined };
}

/** The value by which entries share a lane, and what it is called. */
export function laneOf(
  value: unknown,
  titleField: string | null | undefined,
  words: { none: string; yes: string; no: string },
  valueLabel: (stored: string) => string = (stored) => stored,
): { key: string; label: string } {
  const one = Array.isArray(value) ? value[0] : value;
  if (one === null || one === undefined || one === '') return { key: '', label: words.none };
  if (typeof one === 'boolean') return { key: String(one), label: one ? words.yes : words.no };
  if (typeof one === 'object') {
    const { documentId, ...rest } = one as Record<string, unknown>;
    return { key: String(documentId), label: String((titleField && rest[titleField]) || documentId) };
  }
  return { key: String(one), label: valueLabel(String(one)) };
}

/** Puts bars into rows, each into the first where there is room. `wide` says how many days one takes with its title. */
export function packRows(bars: readonly Bar[], wide: (bar: Bar) => number): Bar[][] {
  const rows: { bars: Bar[]; until: number }[] = [];
  const [start] = bars.map(({ first }) => first).toSorted((a, b) => a.getTime() - b.getTime());
  if (!start) return [];
  for (const bar of bars.toSorted((a, b) => a.first.getTime() - b.first.getTime())) {
    const at = daysBetween(start, bar.first);
    const free = rows.find(({ until }) => until <= at);
    const row = free ?? { bars: [], until: 0 };
    if (!free) rows.push(row);
    row.bars.push(bar);
    row.until = at + wide(bar);
  }
  return rows.map((row) => row.bars);
}

/** Lanes in an order: as the values are listed, then by name, those without last. */
export function lanesOf(
  bars: readonly Bar[],
  lane: (bar: Bar) => { key: string; label: string },
  order: readonly string[],
  wide: (bar: Bar) => number,
): Lane[] {
  const byKey = new Map<string, { label: string; bars: Bar[] }>();
  for (const bar of bars) {
    const { key, label } = lane(bar);
    const group = byKey.get(key) ?? { label, bars: [] };
    group.bars.push(bar);
    byKey.set(key, group);
  }
  const place = (key: string): number =>
    key === '' ? Number.POSITIVE_INFINITY : order.includes(key) ? order.indexOf(key) : order.length;
  return [...byKey]
    .toSorted(([a, one], [b, other]) =>
      place(a) === place(b) ? one.label.localeCompare(other.label) : place(a) - place(b),
    )
    .map(([key, { label, bars: own }]) => ({ key, label, rows: packRows(own, wide) }));
}
