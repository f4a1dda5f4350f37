import { onlineManager, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

/** Whether the server can be reached, as far as the browser and the last requests tell. */
export function useReachable(): [boolean, (reachable: boolean) => void] {
  const queries = useQueryClient();
  const [reachable, set] = useState(onlineManager.isOnline());
  useEffect(() => onlineManager.subscribe(set), []);
  useEffect(() => {
    const watch = ({ state }: { state: { status: string; error: unknown } }): void => {
      if (state.status === 'success') set(true);
      else if (state.error instanceof Error && state.error.name === 'OfflineError') set(false);
    };
    const stop = [
      queries.getQueryCache().subscribe((event) => event.type === 'updated' && event.action.type !== 'fetch' && watch(event.query)),
      queries
        .getMutationCache()
        .subscribe((event) => event.type === 'updated' && event.action.type !== 'pending' && watch(event.mutation)),
    ];
    return () => stop.forEach((unsubscribe) => unsubscribe());
  }, [queries]);
  return [reachable, set];
}
