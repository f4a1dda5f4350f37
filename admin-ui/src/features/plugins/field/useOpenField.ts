import { useEffect, useMemo, useRef } from 'react';
import { sameValue, splitPath } from '@/fields/form/values';
import { fits } from '@/fields/plain';
import type { InputProps } from '@/fields/types';
import type { OpenField } from '../frame/openField';

/** What a frame is told of when it changes. */
const WATCHED_KEYS = ['value', 'error', 'disabled', 'required', 'label'] as const;

/** The field of an input, for the frame that draws it. */
export function useOpenField(props: InputProps): OpenField {
  const latest = useRef(props);
  const listeners = useRef(new Set<() => void>());
  useEffect(() => {
    const before = latest.current;
    latest.current = props;
    if (WATCHED_KEYS.some((name) => before[name] !== props[name])) for (const listener of listeners.current) listener();
  });
  return useMemo(
    (): OpenField => ({
      read: () => {
        const now = latest.current;
        return {
          name: splitPath(now.name).at(-1) ?? '',
          label: now.label,
          value: now.value ?? null,
          type: now.attribute.type === 'customField' ? 'json' : now.attribute.type,
          required: now.required ?? false,
          readOnly: now.disabled ?? false,
          errors: now.error === undefined ? [] : [now.error],
        };
      },
      watch: (listener) => {
        listeners.current.add(listener);
        return () => void listeners.current.delete(listener);
      },
      fits: (value) => fits(latest.current.attribute, value),
      // A frame that answers each change by setting what it was told would go on forever.
      set: (value) => {
        if (!sameValue(latest.current.value, value)) latest.current.onChange(value);
      },
    }),
    [],
  );
}
