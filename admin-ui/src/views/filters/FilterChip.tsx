import { CloseButton, Popover } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './FilterBar.module.css';

interface Props {
  /** What it asks for. */
  label: string;
  opened: boolean;
  onClose: () => void;
  /** Its text was pressed. */
  onToggle: () => void;
  onRemove: () => void;
  width: number;
  /** What it opens. */
  children: ReactNode;
}

/** A part of a filter: opens what it says, and can be taken away. */
export function FilterChip({ label, opened, onClose, onToggle, onRemove, width, children }: Props) {
  const { t } = useTranslation('views');
  return (
    <span className={classes.chip}>
      <Popover
        opened={opened}
        onChange={(stays) => {
          if (!stays) onClose();
        }}
        position="bottom-start"
        shadow="md"
        trapFocus
        returnFocus
        withinPortal
      >
        <Popover.Target>
          <button type="button" className={classes.text} onClick={onToggle}>
            {label}
          </button>
        </Popover.Target>
        <Popover.Dropdown w={width} aria-label={label}>
          {children}
        </Popover.Dropdown>
      </Popover>
      <CloseButton size={24} iconSize={12} aria-label={t('filter.removeThis', { filter: label })} onClick={onRemove} />
    </span>
  );
}
