import { Text } from '@mantine/core';
import { type KeyboardEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { pluralNameOf } from '@/api/model';
import type { TreeViewDef } from '../definition';
import type { EntriesViewProps } from '../EntriesViewProps';
import { Branch } from './Branch';
import classes from './Tree.module.css';

/** Entries below the one that they name as their parent. Arrows go through it, right opens, left closes. */
export function TreeView(props: EntriesViewProps<TreeViewDef>) {
  const { t } = useTranslation('views');
  const { type, query } = props;
  const tree = useRef<HTMLUListElement>(null);
  // What is searched for may lie anywhere: it is the top of the tree then, whatever it lies below.
  const narrowed = ['filters', '_q', 'standing', 'stage', 'assignee', 'due'].some((key) => key in query);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const item = event.target;
    if (
      !(item instanceof HTMLElement) ||
      item.getAttribute('role') !== 'treeitem' ||
      event.altKey ||
      event.ctrlKey ||
      event.metaKey
    )
      return;
    const items = [...(tree.current?.querySelectorAll<HTMLElement>('[role="treeitem"]') ?? [])];
    const at = items.indexOf(item);
    const open = item.getAttribute('aria-expanded');
    const toggle = (): void => item.querySelector<HTMLElement>('[data-toggle]')?.click();
    const parent = item.closest('[role="group"]')?.previousElementSibling;
    switch (event.key) {
      case 'ArrowDown':
        items[at + 1]?.focus();
        break;
      case 'ArrowUp':
        items[at - 1]?.focus();
        break;
      case 'Home':
        items[0]?.focus();
        break;
      case 'End':
        items.at(-1)?.focus();
        break;
      case 'ArrowRight':
        if (open === 'false') toggle();
        else if (open === 'true') items[at + 1]?.focus();
        break;
      case 'ArrowLeft':
        if (open === 'true') toggle();
        else if (parent instanceof HTMLElement) parent.focus();
        break;
      case 'Enter':
        item.querySelector<HTMLElement>('a')?.click();
        break;
      default:
        return;
    }
    event.preventDefault();
  };
  return (
    <div className={classes.box}>
      {narrowed && (
        <Text size="sm" c="dimmed" mb="xs">
          {t('tree.narrowed')}
        </Text>
      )}
      {/* Keys are taken where the focus is: on an entry. */}
      <ul ref={tree} role="tree" aria-label={pluralNameOf(type)} className={classes.tree} onKeyDown={onKeyDown}>
        <Branch {...props} below={narrowed ? undefined : null} level={1} />
      </ul>
    </div>
  );
}
