import { IconDots } from '@tabler/icons-react';
import classes from './EntryTable.module.css';

interface Props {
  label: string;
  onOpen: (box: DOMRect) => void;
  /** It stands by itself, beside a card or in a list: smaller, and reached by Tab. A grid goes to its cells by its own keys. */
  alone?: boolean;
}

/** The button of an entry's menu, light enough for a hundred of them. */
export function RowMenuButton({ label, onOpen, alone = false }: Props) {
  return (
    <button
      type="button"
      tabIndex={alone ? undefined : -1}
      className={classes.menu}
      data-alone={alone ? '' : undefined}
      aria-haspopup="menu"
      aria-label={label}
      onClick={(event) => onOpen(event.currentTarget.getBoundingClientRect())}
    >
      <IconDots size={16} aria-hidden />
    </button>
  );
}
