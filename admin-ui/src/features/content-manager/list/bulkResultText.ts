import type { TFunction } from 'i18next';
import type { BulkResult } from './bulk';

/** What an action came to: what it changed, what was so already, what was left because it was stopped. `t` is that of `list`. */
export function bulkResultText(
  t: TFunction<'list'>,
  { action, total, done, unchanged, failures, cancelled }: BulkResult,
): string {
  const parts = [];
  // "0 entries are published" says less than that nothing had to be done.
  if (done > 0 || unchanged === 0) parts.push(t(`bulk.result.${action.kind}`, { count: done }));
  if (unchanged > 0 && (action.kind === 'publish' || action.kind === 'unpublish'))
    parts.push(t(`bulk.unchanged.${action.kind}`, { count: unchanged }));
  if (cancelled) parts.push(t('bulk.stopped', { count: total - done - unchanged - failures.length }));
  return parts.join(' ');
}
