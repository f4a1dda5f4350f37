import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { contentTypeOf, type Model } from '@/api/model';

/** Events of `/admin/api/live` after which what is shown may be old. */
const EVENTS = [
  'entry.create',
  'entry.update',
  'entry.delete',
  'entry.publish',
  'entry.unpublish',
  'entry.draft-discard',
  'entry.hidden',
  'reset',
];

/** Changes come in groups: what comes within this time in milliseconds is read once. */
const QUIET_MS = 400;

/**
 * Reads lists of these types anew when their documents change, whoever changed them, and calls `changed`. Nothing is listened to while the
 * tab is hidden: a browser opens few connections to one server. What was missed meanwhile is read when the tab is looked at.
 */
export function useLiveTypes(model: Model, uids: readonly string[] | undefined, changed: () => void): void {
  const queries = useQueryClient();
  // One that may not be listed would have the whole stream refused.
  const types = useMemo(
    () => [...new Set(uids)].filter((uid) => contentTypeOf(model, uid)?.can.find).join(','),
    [model, uids],
  );
  useEffect(() => {
    if (types === '') return undefined;
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wasHidden = false;
    const refresh = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        for (const uid of types.split(',')) void queries.invalidateQueries({ queryKey: ['content', uid] });
        changed();
      }, QUIET_MS);
    };
    const follow = (): void => {
      if (document.hidden) {
        source?.close();
        source = undefined;
        wasHidden = true;
      } else if (!source) {
        source = new EventSource(`/admin/api/live?types=${encodeURIComponent(types)}`);
        for (const event of EVENTS) source.addEventListener(event, refresh);
        if (wasHidden) refresh();
      }
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      clearTimeout(timer);
      source?.close();
    };
  }, [types, queries, changed]);
}
