import type { HistoryEntry } from '@/api/editorial';

/** What the history tells of one locale of a document. */
export interface LocaleHistory {
  /** Newest first, as it is listed. */
  entries: readonly HistoryEntry[];
  /** It goes back to before what is listed. */
  truncated: boolean;
  /** It is the locale that content is written in where nothing says otherwise. */
  isDefault: boolean;
}

/** What changes values. Publishing and taking offline leave them as they are. */
const writes = new Set(['created', 'updated', 'restored', 'draft-discarded', 'undeleted']);

/** When each attribute was last written, as far as the history tells. */
function lastWritten({ entries }: LocaleHistory): Map<string, number> {
  const at = new Map<string, number>();
  for (const entry of entries) {
    if (!writes.has(entry.action)) continue;
    for (const name of entry.changed) if (!at.has(name)) at.set(name, Date.parse(entry.at));
  }
  return at;
}

/** When an attribute was first written; before all that is listed where the history begins earlier. */
function firstWritten({ entries, truncated }: LocaleHistory, name: string): number {
  // Its first entry stands for all that was there already when the history began.
  if (truncated || entries.at(-1)?.action === 'baseline') return Number.NEGATIVE_INFINITY;
  const first = entries.findLast((entry) => writes.has(entry.action) && entry.changed.includes(name));
  return first ? Date.parse(first.at) : Number.POSITIVE_INFINITY;
}

/**
 * The attributes that were written in another locale after they were last written here: what a translator has to look at again.
 * An attribute that was never written here is empty rather than out of date, and says so itself. One that was written here first
 * is what the other locale was translated from: its translation is newer and tells nothing about it.
 */
export function findOutdated(names: readonly string[], other: LocaleHistory, here: LocaleHistory): Map<string, number> {
  const [otherWritten, hereWritten] = [lastWritten(other), lastWritten(here)];
  const outdated = new Map<string, number>();
  for (const name of names) {
    const [at, own] = [otherWritten.get(name), hereWritten.get(name)];
    if (at === undefined || own === undefined || at <= own) continue;
    const [firstThere, firstHere] = [firstWritten(other, name), firstWritten(here, name)];
    const isSource = firstHere < firstThere || (firstHere === firstThere && here.isDefault);
    if (!isSource) outdated.set(name, at);
  }
  return outdated;
}
