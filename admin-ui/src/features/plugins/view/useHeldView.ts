import { useCallback, useMemo, useRef, useState } from 'react';
import type { EditingHost, OpenEdit } from './editing';
import type { Block } from './types';

/** A view as it was described last, or, while something in it is edited in place, as it was when that began. */
export function useHeldView(described: Block): { shown: Block; editing: EditingHost } {
  const edits = useRef(new Set<OpenEdit>());
  const [held, setHeld] = useState<Block | null>(null);
  const shown = held ?? described;
  const begin = useCallback(
    (edit: OpenEdit) => {
      edits.current.add(edit);
      setHeld(shown);
      return () => {
        edits.current.delete(edit);
        if (edits.current.size === 0) setHeld(null);
      };
    },
    [shown],
  );
  const editing = useMemo(
    (): EditingHost => ({ begin, isDirty: () => [...edits.current].some((edit) => edit.isDirty()) }),
    [begin],
  );
  return { shown, editing };
}
