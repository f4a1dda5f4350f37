import { localDay, shiftDate } from '@/views/filters/span';

/** Something that happened. */
export interface FeedItem {
  /** Number of its source. */
  source: number;
  documentId: string;
  /** Without a time of day, the day alone. */
  at: Date;
  timed: boolean;
}

/** A moment as a date or datetime field has it; a date is the end of that day here, behind everything that has a time. */
export function momentOf(value: unknown): { at: Date; timed: boolean } | undefined {
  if (typeof value !== 'string') return undefined;
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(value);
  const at = isDay ? endOfDay(value) : new Date(value);
  return Number.isNaN(at.getTime()) ? undefined : { at, timed: !isDay };
}

function endOfDay(day: string): Date {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date, 23, 59, 59, 999);
}

/**
 * The latest items of several sources. Each source gives its own latest ones, at least as many as are wanted or all it has, so that none
 * is missing between them.
 */
export function mergeItems<Item extends FeedItem>(sources: readonly (readonly Item[])[], limit: number): Item[] {
  return sources
    .flat()
    .toSorted((a, b) => b.at.getTime() - a.at.getTime() || a.source - b.source)
    .slice(0, limit);
}

/** Items by the day of who looks, in their order. */
export function groupByDay<Item extends FeedItem>(items: readonly Item[]): { day: string; items: Item[] }[] {
  const days: { day: string; items: Item[] }[] = [];
  for (const item of items) {
    const day = localDay(item.at);
    const last = days.at(-1);
    if (last?.day === day) last.items.push(item);
    else days.push({ day, items: [item] });
  }
  return days;
}

/** Whether a day is this one or the one before. */
export function nearDay(day: string, now: Date): 'today' | 'yesterday' | undefined {
  if (day === localDay(now)) return 'today';
  return day === localDay(shiftDate(now, -1, 'day')) ? 'yesterday' : undefined;
}
