import { useCallback, useEffect, useRef } from 'react';
import { useMaybeForm } from '../form/context';
import type { InputProps } from '../types';

/** How a change is taken back: by itself, or with the paste that it follows from. */
export type Step = 'apart' | 'follow';

/**
 * A change of a field's value, as a step of the form's undo. A picture that arrives after the paste that it came with is taken back with it, unless
 * something else was changed in between.
 */
export function useSteps<Value>({ name, value, onChange }: Pick<InputProps<Value>, 'name' | 'value' | 'onChange'>) {
  const store = useMaybeForm()?.store;
  const latest = useRef({ value, onChange });
  useEffect(() => {
    latest.current = { value, onChange };
  });
  const pasted = useRef<object | undefined>(undefined);
  return useCallback(
    (next: Value, step?: Step) => {
      // A field may be shown in a form without being one of its own.
      if (!store || !step || store.get(name) !== latest.current.value) {
        latest.current.onChange(next);
        return;
      }
      if (step === 'follow' && pasted.current !== undefined && store.lastStep === pasted.current) {
        store.follow(name, next);
        return;
      }
      store.set(name, next, 'apart');
      pasted.current = store.lastStep;
    },
    [store, name],
  );
}
