import type { HistoryEntry } from '@/api/editorial';

/** What changes values. Publishing and taking offline leave them as they are. */
const writes = new Set(['created', 'updated', 'restored', 'draft-discarded', 'undeleted']);

/** When each attribute was last written, as far as the history tells; newest first, as it is listed. */
function lastWritten(history: readonly HistoryEntry[]): Map<string, number> {
  const at = new Map<string, number>();
  for (const entry of history) {
    if (!writes.has(entry.action)) continue;
    for (const name of entry.changed) if (!at.has(name)) at.set(name, Date.parse(entry.at));
  }
  return at;
}

/**
 * The attributes that were written in the source after they were last written here: what a translator has to look at again.
 * An attribute that was never written here is empty rather than out of date, and says so itself.
 */
export function findOutdated(
  names: readonly string[],
  source: readonly HistoryEntry[],
  target: readonly HistoryEntry[],
): Map<string, number> {
  const [sourceWritten, targetWritten] = [lastWritten(source), lastWritten(target)];
  const outdated = new Map<string, number>();
  for (const name of names) {
    const [at, own] = [sourceWritten.get(name), targetWritten.get(name)];
    if (at !== undefined && own !== undefined && at > own) outdated.set(name, at);
  }
  return outdated;
}
