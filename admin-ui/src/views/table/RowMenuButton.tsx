import { IconDots } from '@tabler/icons-react';
import classes from './EntryTable.module.css';

/** The button at the end of a row, light enough for a hundred of them. */
export function RowMenuButton({ label, onOpen }: { label: string; onOpen: (box: DOMRect) => void }) {
  return (
    <button type="button" tabIndex={-1} className={classes.menu} aria-haspopup="menu" aria-label={label} onClick={(event) => onOpen(event.currentTarget.getBoundingClientRect())}>
      <IconDots size={16} aria-hidden />
    </button>
  );
}
