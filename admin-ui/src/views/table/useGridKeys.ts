import { type KeyboardEvent, useCallback, useState } from 'react';

/** The cell that the keyboard is at. */
export interface CellPosition {
  row: number;
  column: number;
}

interface Options {
  rows: number;
  columns: number;
  /** Rows of one screen. */
  screen: () => number;
  /** Brings a row into view. */
  reveal: (row: number) => void;
  /** The keyboard has gone to a row. */
  moved?: ((row: number) => void) | undefined;
  open: (row: number, inNewTab: boolean) => void;
  edit?: (place: CellPosition) => void;
  select?: (row: number, how: 'toggle' | 'extend') => void;
  /** Shows a row beside the list. */
  peek?: (row: number) => void;
  selectAll?: () => void;
  clear?: () => boolean;
}

/**
 * The keys of a grid, whose focus stays on the grid itself: arrows and j/k, Home, End, pages, x to select, Shift to select a
 * range, Enter to open, Space to look, F2 to edit.
 */
export function useGridKeys(options: Options): {
  position: CellPosition;
  setPosition: (place: CellPosition) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  step: (by: number) => void;
} {
  const [requested, setPlace] = useState<CellPosition>({ row: 0, column: 0 });
  const position = {
    row: Math.min(requested.row, Math.max(0, options.rows - 1)),
    column: Math.min(requested.column, Math.max(0, options.columns - 1)),
  };

  const go = useCallback(
    (row: number, column: number, extend = false) => {
      const to = {
        row: Math.max(0, Math.min(row, options.rows - 1)),
        column: Math.max(0, Math.min(column, options.columns - 1)),
      };
      setPlace(to);
      options.reveal(to.row);
      options.moved?.(to.row);
      if (extend) options.select?.(to.row, 'extend');
    },
    [options],
  );

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.target !== event.currentTarget) return;
    const mod = event.ctrlKey || event.metaKey;
    const { row, column } = position;
    const act = keyAction(event.key, mod);
    if (!act) return;
    event.preventDefault();
    switch (act) {
      case 'down':
        return go(row + 1, column, event.shiftKey);
      case 'up':
        return go(row - 1, column, event.shiftKey);
      case 'left':
        return go(row, column - 1);
      case 'right':
        return go(row, column + 1);
      case 'first':
        return go(mod ? 0 : row, mod ? column : 0);
      case 'last':
        return go(mod ? options.rows - 1 : row, mod ? column : options.columns - 1);
      case 'pageDown':
        return go(row + options.screen(), column, event.shiftKey);
      case 'pageUp':
        return go(row - options.screen(), column, event.shiftKey);
      case 'open':
        return options.open(row, mod);
      case 'edit':
        return options.edit?.(position);
      case 'select':
        return options.select?.(row, event.shiftKey ? 'extend' : 'toggle');
      case 'peek':
        return options.peek?.(row);
      case 'all':
        return options.selectAll?.();
      case 'clear':
        return void options.clear?.();
    }
  };
  return { position, setPosition: setPlace, onKeyDown, step: (by) => go(position.row + by, position.column) };
}

function keyAction(key: string, mod: boolean) {
  if (mod) return ({ Enter: 'open', Home: 'first', End: 'last', a: 'all' } as const)[key];
  return (
    {
      ArrowDown: 'down',
      j: 'down',
      J: 'down',
      ArrowUp: 'up',
      k: 'up',
      K: 'up',
      ArrowLeft: 'left',
      ArrowRight: 'right',
      Home: 'first',
      End: 'last',
      PageDown: 'pageDown',
      PageUp: 'pageUp',
      Enter: 'open',
      F2: 'edit',
      x: 'select',
      X: 'select',
      ' ': 'peek',
      Escape: 'clear',
    } as const
  )[key];
}
