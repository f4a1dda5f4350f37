import { ActionIcon, UnstyledButton } from '@mantine/core';
import { IconChevronRight, IconDotsVertical, IconGripVertical } from '@tabler/icons-react';
import { type KeyboardEvent, memo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { componentOf } from '@/api/model';
import { useErrorCount, useForm } from './context';
import { useDraggable } from './dragOrder';
import classes from './Form.module.css';
import { FieldsOf } from './FieldsOf';
import { summaryOf } from './summary';
import { attributesOf, type Item } from './values';

interface ItemShellProps {
  item: Item;
  list: string;
  path: string;
  index: number;
  open: boolean;
  menuOpen: boolean;
  disabled: boolean;
  onToggle: (key: string) => void;
  onMenu: (key: string, button: HTMLElement) => void;
  onNudge: (key: string, by: number) => void;
}

/** A component in a list: a line that opens, with a handle to drag it by and a menu that does the same. */
export const ItemShell = memo(function ItemShell(props: ItemShellProps) {
  const { item, list, path, index, open, menuOpen, disabled, onToggle, onMenu, onNudge } = props;
  const { t } = useTranslation('fields');
  const { model } = useForm();
  const errors = useErrorCount(path);
  const shell = useRef<HTMLLIElement>(null);
  const handle = useRef<HTMLSpanElement>(null);
  const key = item.__key;
  const { dragged, edge } = useDraggable(list, key, shell, handle, disabled);

  const onKeyDown = (event: KeyboardEvent) => {
    if (disabled || event.defaultPrevented || !event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    event.stopPropagation();
    onNudge(key, event.key === 'ArrowUp' ? -1 : 1);
  };

  const kind = componentOf(model, item.__component)?.displayName ?? item.__component;
  const summary = open ? '' : summaryOf(model, item);
  return (
    <li ref={shell} className={classes.item} data-invalid={errors > 0 || undefined} data-dragged={dragged || undefined} data-edge={edge ?? undefined}>
      {/* The keys work on whatever has the focus inside; nothing is hidden behind a click on the line itself. */}
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div onKeyDown={onKeyDown}>
        <div className={classes.head}>
          {!disabled && (
            <span ref={handle} className={classes.handle} aria-hidden title={t('items.drag')}>
              <IconGripVertical size={16} />
            </span>
          )}
          <UnstyledButton className={classes.toggle} data-toggle={key} aria-expanded={open} onClick={() => onToggle(key)}>
            <IconChevronRight size={16} aria-hidden className={classes.chevron} data-open={open || undefined} />
            <span className={classes.kind}>
              {index + 1}. {kind}
            </span>
            {summary && <span className={classes.title}>{summary}</span>}
            {errors > 0 && <span className={classes.error}>{t('items.errors', { count: errors })}</span>}
          </UnstyledButton>
          {!disabled && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-haspopup="menu"
              aria-expanded={menuOpen}
              aria-label={t('items.menu', { name: `${index + 1}. ${kind}` })}
              onClick={(event) => onMenu(key, event.currentTarget)}
            >
              <IconDotsVertical size={16} aria-hidden />
            </ActionIcon>
          )}
        </div>
        {open && (
          <div className={classes.body}>
            <FieldsOf at={path} attributes={attributesOf(model, item.__component)} />
          </div>
        )}
      </div>
    </li>
  );
});
