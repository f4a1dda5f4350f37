import { type RefObject, useMemo, useRef, useState } from 'react';
import type { Entry } from '@/api/content';
import { useShortcut } from '@/app/shortcuts';
import type { TableHandle } from '@/views/table/EntryTable';

export interface TableControls {
  table: RefObject<TableHandle | null>;
  /** The entry that is shown beside the table. */
  peek: { entry: Entry | null; show: (entry: Entry | null) => void };
  closePeek: () => void;
}

/** What a page does with its table: shortcuts step through it, and closing the entry beside it returns the focus. */
export function useTableControls(): TableControls {
  const table = useRef<TableHandle>(null);
  useShortcut('j', () => table.current?.step(1));
  useShortcut('k', () => table.current?.step(-1));
  useShortcut('x', () => table.current?.select());
  const [entry, show] = useState<Entry | null>(null);
  const peek = useMemo(() => ({ entry, show }), [entry]);
  const closePeek = (): void => {
    show(null);
    table.current?.focus();
  };
  // The table does so itself, but loses the focus where the window becomes too narrow for it. Menus and fields keep the key.
  useShortcut('Escape', ({ target }) => target === document.body && closePeek(), { enabled: entry !== null });
  return { table, peek, closePeek };
}
