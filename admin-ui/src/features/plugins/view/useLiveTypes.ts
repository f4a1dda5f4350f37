import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { contentTypeOf, type Model } from '@/api/model';
import { isRecord } from '@/views/problems';

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

/** The first wait before a refused connection is tried again, in milliseconds; each further one is twice as long, up to the last. */
const FIRST_WAIT_MS = 2_000;
const LAST_WAIT_MS = 60_000;

/** The wait after a number of refusals in a row. It varies, so that the tabs that were refused together do not come back together. */
function waitAfter(refusals: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** (refusals - 1), LAST_WAIT_MS) * (0.75 + Math.random() / 2);
}

/** The type that a message is about; `undefined` where it says none, as after messages were missed. */
function typeOfMessage(event: Event): string | undefined {
  if (!(event instanceof MessageEvent) || typeof event.data !== 'string') return undefined;
  const data: unknown = JSON.parse(event.data);
  return isRecord(data) && typeof data.uid === 'string' ? data.uid : undefined;
}

/**
 * Reads lists of these types anew when their documents change, whoever changed them, and calls `changed` with those that may have. Nothing is
 * listened to while the tab is hidden: a browser opens few connections to one server. What was missed meanwhile is read when the tab is looked at.
 * A browser connects again by itself after an interruption, but not after an error of the server, such as 429 or 503: then it is tried again here,
 * after waits that grow.
 */
export function useLiveTypes(
  model: Model | undefined,
  uids: readonly string[] | undefined,
  changed: (types: readonly string[]) => void,
): void {
  const queries = useQueryClient();
  // One that may not be listed would have the whole stream refused.
  const types = useMemo(
    () => [...new Set(uids)].filter((uid) => contentTypeOf(model, uid)?.can.find).join(','),
    [model, uids],
  );
  useEffect(() => {
    if (types === '') return undefined;
    const followed = types.split(',');
    const stale = new Set<string>();
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let refusals = 0;
    let hasMissed = false;
    const refresh = (uid: string | undefined): void => {
      for (const type of uid === undefined ? followed : [uid]) stale.add(type);
      timer ??= setTimeout(() => {
        timer = undefined;
        const told = [...stale];
        stale.clear();
        // All: what a list shows of other types may have changed as well.
        for (const type of followed) void queries.invalidateQueries({ queryKey: ['content', type] });
        changed(told);
      }, QUIET_MS);
    };
    const take = (event: Event): void => refresh(typeOfMessage(event));
    const disconnect = (): void => {
      source?.close();
      source = undefined;
      clearTimeout(retry);
      hasMissed = true;
    };
    const connect = (): void => {
      const opened = new EventSource(`/admin/api/live?types=${encodeURIComponent(types)}`);
      source = opened;
      for (const event of EVENTS) opened.addEventListener(event, take);
      opened.addEventListener('ready', () => {
        refusals = 0;
        if (hasMissed) refresh(undefined);
        hasMissed = false;
      });
      opened.addEventListener('error', () => {
        // Otherwise the browser is already connecting again.
        if (opened !== source || opened.readyState !== EventSource.CLOSED) return;
        disconnect();
        refusals += 1;
        retry = setTimeout(connect, waitAfter(refusals));
      });
    };
    const follow = (): void => {
      if (document.hidden) {
        disconnect();
        return;
      }
      if (source) return;
      clearTimeout(retry);
      refusals = 0;
      connect();
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      clearTimeout(timer);
      disconnect();
    };
  }, [types, queries, changed]);
}
