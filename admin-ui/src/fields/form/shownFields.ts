import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { variablesOf } from '@/api/conditions';
import type { Attributes } from '@/api/model';
import { isVisible } from './conditions';
import { useForm } from './context';

/** Those of some fields of an entry that are drawn now: the reader may see them, and the attributes beside them say that they are there. */
export function useShownFields(attributes: Attributes, names: readonly string[]): ReadonlySet<string> {
  const { store, access } = useForm();
  const subscribe = useCallback(
    (listener: () => void) => {
      const compared = new Set(names.flatMap((name) => variablesOf(attributes[name]?.conditions?.visible)));
      const stops = [...compared].map((name) => store.subscribe(name, listener));
      return () => {
        for (const stop of stops) stop();
      };
    },
    [store, attributes, names],
  );
  const shown = useSyncExternalStore(subscribe, () =>
    names
      .filter((name) => {
        const attribute = attributes[name];
        if (!attribute || access(name, attribute).hidden) return false;
        return isVisible(attribute.conditions?.visible, attributes, store.get);
      })
      .join(' '),
  );
  return useMemo(() => new Set(shown.split(' ').filter(Boolean)), [shown]);
}
