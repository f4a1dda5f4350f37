import { IconChevronRight, IconDotsVertical, IconGripVertical } from '@tabler/icons-react';
import { type KeyboardEvent, memo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { componentOf } from '@/api/model';
import { useErrorCount, useForm, useValue } from './context';
import { useDraggable } from './dragOrder';
import classes from './Form.module.css';
import { FieldsOf } from './FieldsOf';
import { summaryOf } from './summary';
import { attributesOf, isItem } from './values';

interface ItemShellProps {
  /** The key of the item, and its component: what it holds is looked up by the path. */
  itemKey: string;
  component: string;
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

/** A component in a list: a line that opens, with a handle to drag it by and a menu that does the same. Of plain elements: there may be hundreds. */
export const ItemShell = memo(function ItemShell(props: ItemShellProps) {
  const { itemKey: key, component, list, path, index, open, menuOpen, disabled, onToggle, onMenu, onNudge } = props;
  const { t } = useTranslation('fields');
  const { model } = useForm();
  const errors = useErrorCount(path);
  const shell = useRef<HTMLLIElement>(null);
  const handle = useRef<HTMLSpanElement>(null);
  const { dragged, edge } = useDraggable(list, key, shell, handle, disabled);

  const onKeyDown = (event: KeyboardEvent) => {
    if (disabled || event.defaultPrevented || !event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown'))
      return;
    event.preventDefault();
    event.stopPropagation();
    onNudge(key, event.key === 'ArrowUp' ? -1 : 1);
  };

  const kind = componentOf(model, component)?.displayName ?? component;
  return (
    <li
      ref={shell}
      className={classes.item}
      data-invalid={errors > 0 || undefined}
      data-dragged={dragged || undefined}
      data-edge={edge ?? undefined}
    >
      {/* The keys work on whatever has the focus inside; nothing is hidden behind a click on the line itself. */}
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div onKeyDown={onKeyDown}>
        <div className={classes.head}>
          {!disabled && (
            <span ref={handle} className={classes.handle} aria-hidden title={t('items.drag')}>
              <IconGripVertical size={16} />
            </span>
          )}
          <button
            type="button"
            className={`${classes.toggle} mantine-focus-auto`}
            data-toggle={key}
            aria-expanded={open}
            onClick={() => onToggle(key)}
          >
            <IconChevronRight size={16} aria-hidden className={classes.chevron} data-open={open || undefined} />
            <span className={classes.kind}>
              {index + 1}. {kind}
            </span>
            {!open && <ItemSummary path={path} />}
            {errors > 0 && <span className={classes.error}>{t('items.errors', { count: errors })}</span>}
          </button>
          {!disabled && (
            <button
              type="button"
              className={`${classes.more} mantine-focus-auto`}
              aria-haspopup="menu"
              aria-expanded={menuOpen}
              aria-label={t('items.menu', { name: `${index + 1}. ${kind}` })}
              onClick={(event) => onMenu(key, event.currentTarget)}
            >
              <IconDotsVertical size={16} aria-hidden />
            </button>
          )}
        </div>
        {open && (
          <div className={classes.body}>
            <FieldsOf at={path} attributes={attributesOf(model, component)} />
          </div>
        )}
      </div>
    </li>
  );
});

/** What a closed item is about. */
function ItemSummary({ path }: { path: string }) {
  const { model } = useForm();
  const item = useValue(path);
  const summary = isItem(item) ? summaryOf(model, item) : '';
  return summary === '' ? null : <span className={classes.title}>{summary}</span>;
}
