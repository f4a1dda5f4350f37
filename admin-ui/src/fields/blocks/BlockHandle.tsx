import { ActionIcon, Menu } from '@mantine/core';
import {
  IconArrowBarToDown,
  IconArrowBarToUp,
  IconArrowDown,
  IconArrowUp,
  IconCopyPlus,
  IconGripVertical,
  IconTrash,
} from '@tabler/icons-react';
import type { Editor } from '@tiptap/core';
import { memo, type RefObject, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './Blocks.module.css';
import { beginDrag, deleteBlock, duplicateBlock, moveBlock, selectedBlocks, startOf, turnInto } from './commands';
import { kinds } from './kinds';

const icon = { size: 16, 'aria-hidden': true } as const;

/** The handle beside the block that the pointer is over, or that has the cursor: a menu, and something to drag the block by. */
export const BlockHandle = memo(function BlockHandle({
  editor,
  frame,
}: {
  editor: Editor;
  frame: RefObject<HTMLDivElement | null>;
}) {
  const { t } = useTranslation('fields');
  const [index, setIndex] = useState(0);
  const [top, setTop] = useState<number | null>(null);
  const [open, setOpen] = useState(false);

  useEffect(() => {
    const place = (at: number) => {
      const { doc } = editor.state;
      if (at < 0 || at >= doc.childCount) return;
      const dom = editor.view.nodeDOM(startOf(doc, at));
      if (!(dom instanceof HTMLElement) || !frame.current) return;
      setIndex(at);
      setTop(dom.getBoundingClientRect().top - frame.current.getBoundingClientRect().top);
    };
    const onMove = (event: MouseEvent) => {
      if (open) return;
      const position = editor.view.posAtCoords({
        left: editor.view.dom.getBoundingClientRect().left + 60,
        top: event.clientY,
      });
      if (position) place(editor.state.doc.resolve(position.pos).index(0));
    };
    const onSelect = () => {
      if (!open) place(selectedBlocks(editor.state).first);
    };
    const element = frame.current;
    element?.addEventListener('mousemove', onMove);
    editor.on('selectionUpdate', onSelect);
    editor.on('focus', onSelect);
    return () => {
      element?.removeEventListener('mousemove', onMove);
      editor.off('selectionUpdate', onSelect);
      editor.off('focus', onSelect);
    };
  }, [editor, frame, open]);

  if (top === null) return null;
  const count = editor.state.doc.childCount;
  const { state, view } = editor;
  const act = (run: () => unknown) => () => {
    run();
    view.focus();
  };
  return (
    <div className={classes.handle} style={{ top }}>
      <Menu opened={open} onChange={setOpen} position="bottom-start" withinPortal>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={24}
            aria-label={t('blocks.actions')}
            draggable
            onDragStart={(event) => beginDrag(view, index, event.dataTransfer)}
          >
            <IconGripVertical {...icon} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t('blocks.moved', { place: index + 1, count })}</Menu.Label>
          <Menu.Item
            leftSection={<IconArrowUp {...icon} />}
            rightSection={<kbd>Alt ↑</kbd>}
            disabled={index === 0}
            onClick={act(() => moveBlock(state, index, index - 1, view.dispatch))}
          >
            {t('blocks.up')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconArrowDown {...icon} />}
            rightSection={<kbd>Alt ↓</kbd>}
            disabled={index >= count - 1}
            onClick={act(() => moveBlock(state, index, index + 1, view.dispatch))}
          >
            {t('blocks.down')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconArrowBarToUp {...icon} />}
            disabled={index === 0}
            onClick={act(() => moveBlock(state, index, 0, view.dispatch))}
          >
            {t('blocks.toStart')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconArrowBarToDown {...icon} />}
            disabled={index >= count - 1}
            onClick={act(() => moveBlock(state, index, count - 1, view.dispatch))}
          >
            {t('blocks.toEnd')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>{t('blocks.turnInto')}</Menu.Label>
          {kinds
            .filter((kind) =>
              ['paragraph', 'heading2', 'heading3', 'bullets', 'numbers', 'quote', 'codeBlock'].includes(kind.id),
            )
            .map((kind) => (
              <Menu.Item
                key={kind.id}
                leftSection={<kind.Icon {...icon} />}
                onClick={act(() => {
                  editor.commands.setTextSelection(startOf(state.doc, index) + 1);
                  turnInto(editor.state, kind.type, kind.attrs, view.dispatch);
                })}
              >
                {t(`blocks.${kind.key}`, 'level' in kind ? { level: kind.level } : {})}
              </Menu.Item>
            ))}
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconCopyPlus {...icon} />}
            onClick={act(() => duplicateBlock(state, index, view.dispatch))}
          >
            {t('blocks.copy')}
          </Menu.Item>
          <Menu.Item
            color="red"
            leftSection={<IconTrash {...icon} />}
            onClick={act(() => deleteBlock(state, index, view.dispatch))}
          >
            {t('blocks.delete')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
});
