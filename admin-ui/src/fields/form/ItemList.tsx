import { Button } from '@mantine/core';
import { IconClipboard } from '@tabler/icons-react';
import { useCallback, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { componentOf } from '@/api/model';
import { announce } from '@/ui/live';
import { useFieldId } from '../shared/inputProps';
import type { InputProps } from '../types';
import { readClipboard, writeClipboard } from './clipboardAccess';
import { fromClipboard, toClipboard } from './clipboard';
import { ComponentPicker } from './ComponentPicker';
import { useForm } from './context';
import { useDropped } from './dragOrder';
import { emptyItem } from './emptyItem';
import classes from './Form.module.css';
import { ItemMenu, type ItemVerb } from './ItemMenu';
import { ItemShell } from './ItemShell';
import { splitPath, type Item } from './values';
import { copyItem } from './wire';

/** Components one below the other: a repeatable component, or a dynamic zone. Nothing of a closed one is drawn but its line. */
export function ItemList({ allowed, ...props }: InputProps<Item[] | null> & { allowed: readonly string[] }) {
  const { name, label, attribute, disabled = false, reason, error } = props;
  const { t } = useTranslation('fields');
  const { store, model } = useForm();
  const listId = useId();
  const id = useFieldId(name);
  const items = props.value ?? [];
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set());
  const [menu, setMenu] = useState<{ key: string; button: HTMLElement } | null>(null);
  const [note, setNote] = useState<string | null>(null);
  const list = useRef<HTMLOListElement>(null);

  const read = useCallback(() => (store.get(name) ?? []) as Item[], [store, name]);
  const write = useCallback((next: Item[]) => store.set(name, next, 'apart'), [store, name]);
  const full = attribute.max !== undefined && items.length >= Number(attribute.max);

  const toggle = useCallback((key: string) => {
    setOpen((old) => {
      const next = new Set(old);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  }, []);

  const focusItem = useCallback((key: string) => {
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-toggle="${key}"]`)?.focus());
  }, []);

  const move = useCallback(
    (key: string, to: number) => {
      const now = read();
      const from = now.findIndex((item) => item.__key === key);
      const item = now[from];
      const newIndex = Math.max(0, Math.min(now.length - 1, to));
      if (!item || newIndex === from) return;
      const next = now.toSpliced(from, 1).toSpliced(newIndex, 0, item);
      write(next);
      announce(t('items.moved', { place: newIndex + 1, count: next.length }));
    },
    [read, write, t],
  );

  const insert = useCallback(
    (added: Item[], at: number) => {
      const [first] = added;
      if (!first) return;
      write(read().toSpliced(at, 0, ...added));
      setOpen((old) => new Set([...old, ...(added.length === 1 ? [first.__key] : [])]));
      focusItem(first.__key);
    },
    [read, write, focusItem],
  );

  const add = (uid: string, at = read().length) => insert([emptyItem(model, uid)], at);

  const paste = async (at: number) => {
    const text = await readClipboard();
    const pastedItems = text === null ? null : fromClipboard(text, model, allowed);
    if (!pastedItems) setNote(t('items.nothingToPaste'));
    else {
      insert(pastedItems.items, at);
      setNote(pastedItems.refused.length > 0 ? t('items.refused', { names: pastedItems.refused.join(', ') }) : null);
    }
  };

  const act = (verb: ItemVerb, key: string) => {
    const now = read();
    const at = now.findIndex((item) => item.__key === key);
    const item = now[at];
    if (!item) return;
    setNote(null);
    switch (verb.do) {
      case 'move':
        move(
          key,
          verb.to === 'up'
            ? at - 1
            : verb.to === 'down'
              ? at + 1
              : verb.to === 'start'
                ? 0
                : verb.to === 'end'
                  ? now.length
                  : verb.to,
        );
        break;
      case 'duplicate':
        insert([copyItem(item)], at + 1);
        break;
      case 'copy':
        writeClipboard(toClipboard([item]));
        setNote(t('items.copied'));
        break;
      case 'paste':
        void paste(at + 1);
        break;
      case 'remove': {
        write(now.toSpliced(at, 1));
        const next = now[at + 1] ?? now[at - 1];
        setNote(t('items.removed'));
        if (next) focusItem(next.__key);
        break;
      }
    }
  };

  // A summary of mistakes leads into an item that may be closed.
  useEffect(
    () =>
      store.onReveal((path) => {
        if (!path.startsWith(`${name}.#`)) return;
        const key = splitPath(path.slice(name.length + 1))[0]?.slice(1);
        if (key) setOpen((old) => (old.has(key) ? old : new Set([...old, key])));
      }),
    [store, name],
  );

  const keys = useCallback(() => read().map((item) => item.__key), [read]);
  useDropped(listId, keys, move);

  const onMenu = useCallback((key: string, button: HTMLElement) => setMenu({ key, button }), []);
  const nudge = useCallback(
    (key: string, by: number) => {
      move(key, read().findIndex((item) => item.__key === key) + by);
      focusItem(key);
    },
    [move, read, focusItem],
  );
  const at = menu ? items.findIndex((item) => item.__key === menu.key) : -1;

  return (
    <fieldset className={classes.group} id={id} aria-describedby={error ? `${id}-error` : undefined}>
      <legend className={classes.legend}>
        {label}
        {props.required && (
          <span aria-hidden className={classes.error}>
            {' '}
            *
          </span>
        )}
        {items.length > 0 && ` (${items.length})`}
      </legend>
      <div className={classes.listHead}>
        {(reason ?? attribute.hint) && <span className={classes.marks}>{reason ?? attribute.hint}</span>}
        {items.length > 1 && (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => setOpen(open.size > 0 ? new Set() : new Set(items.map((item) => item.__key)))}
          >
            {t(open.size > 0 ? 'items.collapseAll' : 'items.expandAll')}
          </Button>
        )}
        {items.length > 0 && (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => {
              writeClipboard(toClipboard(read()));
              setNote(t('items.copied'));
            }}
          >
            {t('items.copyAll')}
          </Button>
        )}
      </div>
      {items.length === 0 && <p className={classes.empty}>{t('items.empty')}</p>}
      <ol className={classes.items} ref={list} aria-label={label}>
        {items.map((item, index) => (
          <ItemShell
            key={item.__key}
            itemKey={item.__key}
            component={item.__component}
            list={listId}
            path={`${name}.#${item.__key}`}
            index={index}
            open={open.has(item.__key)}
            menuOpen={menu?.key === item.__key}
            disabled={disabled}
            onToggle={toggle}
            onMenu={onMenu}
            onNudge={nudge}
          />
        ))}
      </ol>
      {menu && at >= 0 && (
        <ItemMenu
          button={menu.button}
          at={at}
          count={items.length}
          full={full}
          onClose={() => setMenu(null)}
          onVerb={(verb) => act(verb, menu.key)}
        />
      )}
      {!disabled && (
        <div className={classes.listHead} style={{ marginBlockStart: 8 }}>
          <ComponentPicker
            model={model}
            allowed={allowed}
            disabled={full}
            label={
              allowed.length === 1
                ? t('items.addOne', { name: componentOf(model, allowed[0])?.displayName ?? allowed[0] })
                : t('items.add')
            }
            onPick={(uid) => add(uid)}
          />
          <Button
            size="xs"
            variant="subtle"
            disabled={full}
            leftSection={<IconClipboard size={16} aria-hidden />}
            onClick={() => void paste(read().length)}
          >
            {t('items.paste')}
          </Button>
          {full && <span className={classes.marks}>{t('items.full', { max: attribute.max })}</span>}
        </div>
      )}
      <div role="status" className={classes.marks}>
        {note}
      </div>
      {error && (
        <p className={classes.error} id={`${id}-error`}>
          {error}
        </p>
      )}
    </fieldset>
  );
}
