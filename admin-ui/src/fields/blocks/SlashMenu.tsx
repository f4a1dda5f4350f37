import { IconPhoto } from '@tabler/icons-react';
import type { Editor } from '@tiptap/core';
import { memo, type RefObject, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './Blocks.module.css';
import { turnInto } from './commands';
import { kinds } from './kinds';

interface SlashMenuProps {
  editor: Editor;
  frame: RefObject<HTMLDivElement | null>;
  id: string;
  /** The editor gives its keys to the menu while it is open. */
  onKeys: (handler: ((event: KeyboardEvent) => boolean) | null) => void;
  onImage: () => void;
}

interface SlashQuery {
  query: string;
  from: number;
  to: number;
  top: number;
  left: number;
}

/** What is asked for by a `/` at the start of a block. */
function slashQueryAt(editor: Editor, frame: HTMLElement): SlashQuery | null {
  const { selection } = editor.state;
  const { $from, empty } = selection;
  if (!empty || $from.parent.type.name === 'codeBlock' || !$from.parent.isTextblock) return null;
  const text = $from.parent.textBetween(0, $from.parentOffset, '\n', '\n');
  const match = /^\/([\p{L}\d ]{0,20})$/u.exec(text);
  if (!match) return null;
  const from = $from.start();
  const at = editor.view.coordsAtPos(from);
  const around = frame.getBoundingClientRect();
  return {
    query: (match[1] ?? '').toLowerCase(),
    from,
    to: $from.pos,
    top: at.bottom - around.top + 4,
    left: at.left - around.left,
  };
}

/** The menu behind `/`: what the block becomes, looked for by name. */
export const SlashMenu = memo(function SlashMenu({ editor, frame, id, onKeys, onImage }: SlashMenuProps) {
  const { t } = useTranslation('fields');
  const [slashQuery, setSlashQuery] = useState<SlashQuery | null>(null);
  const [at, setAt] = useState(0);
  const [closed, setClosed] = useState(false);

  useEffect(() => {
    const look = () => {
      const nextQuery = frame.current ? slashQueryAt(editor, frame.current) : null;
      setSlashQuery(nextQuery);
      if (!nextQuery) setClosed(false);
      setAt(0);
    };
    const hide = () => setSlashQuery(null);
    editor.on('transaction', look);
    editor.on('blur', hide);
    return () => {
      editor.off('transaction', look);
      editor.off('blur', hide);
    };
  }, [editor, frame]);

  const choices = [
    ...kinds.map((kind) => ({
      id: kind.id,
      label: t(`blocks.${kind.key}`, 'level' in kind ? { level: kind.level } : {}),
      Icon: kind.Icon,
      run: () => turnInto(editor.state, kind.type, kind.attrs, editor.view.dispatch),
    })),
    { id: 'image', label: t('blocks.image'), Icon: IconPhoto, run: onImage },
  ];
  const matches =
    slashQuery && !closed ? choices.filter((choice) => choice.label.toLowerCase().includes(slashQuery.query)) : [];
  const choose = (choice: (typeof choices)[number] | undefined) => {
    if (!choice || !slashQuery) return;
    editor.view.dispatch(editor.state.tr.delete(slashQuery.from, slashQuery.to));
    choice.run();
    editor.view.focus();
  };
  const open = matches.length > 0;
  useEffect(() => {
    onKeys(
      open
        ? (event) => {
            if (event.key === 'ArrowDown') setAt((old) => (old + 1) % matches.length);
            else if (event.key === 'ArrowUp') setAt((old) => (old + matches.length - 1) % matches.length);
            else if (event.key === 'Enter' || event.key === 'Tab') choose(matches[at]);
            else if (event.key === 'Escape') setClosed(true);
            else return false;
            return true;
          }
        : null,
    );
    // Not by the editor's view, which may not be there yet.
    const text = frame.current?.querySelector('[role="textbox"]');
    // A text field has no `aria-expanded`; which choice is meant is told by the active one.
    if (open) text?.setAttribute('aria-activedescendant', `${id}-${matches[at]?.id ?? ''}`);
    else text?.removeAttribute('aria-activedescendant');
  });
  if (!open || !slashQuery) return null;
  return (
    <div
      className={classes.slash}
      role="listbox"
      id={id}
      aria-label={t('blocks.slash')}
      style={{ top: slashQuery.top, left: slashQuery.left }}
    >
      {matches.map((choice, index) => (
        // The keys are those of the editor, which keeps the focus.
        <div
          key={choice.id}
          id={`${id}-${choice.id}`}
          className={classes.choice}
          role="option"
          tabIndex={-1}
          aria-selected={index === at}
          onMouseDown={(event) => {
            event.preventDefault();
            choose(choice);
          }}
        >
          <choice.Icon size={16} aria-hidden />
          {choice.label}
        </div>
      ))}
    </div>
  );
});
