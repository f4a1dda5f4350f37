import { ActionIcon, Button, Group, Popover, Select, TextInput, Tooltip } from '@mantine/core';
import {
  IconAlt,
  IconBold,
  IconCode,
  IconIndentDecrease,
  IconIndentIncrease,
  IconItalic,
  IconLink,
  IconList,
  IconListNumbers,
  IconPhoto,
  IconStrikethrough,
  IconUnderline,
} from '@tabler/icons-react';
import type { Editor } from '@tiptap/core';
import { useEditorState } from '@tiptap/react';
import { type FocusEvent, memo, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { completeAddress, isLinkAddress } from './address';
import classes from './Blocks.module.css';
import { indent, selectedBlocks, startOf, turnInto } from './commands';
import { kinds } from './kinds';

const icon = { size: 16, 'aria-hidden': true } as const;

const marks = [
  { name: 'bold', Icon: IconBold, keys: 'Ctrl+B' },
  { name: 'italic', Icon: IconItalic, keys: 'Ctrl+I' },
  { name: 'underline', Icon: IconUnderline, keys: 'Ctrl+U' },
  { name: 'strikethrough', Icon: IconStrikethrough, keys: 'Ctrl+Shift+X' },
  { name: 'code', Icon: IconCode, keys: 'Ctrl+E' },
] as const;

interface ToolbarProps {
  editor: Editor;
  /** The id of the text. */
  controls: string;
  /** Whether a link is being set. */
  linking: boolean;
  onLinking: (open: boolean) => void;
  onImage: () => void;
  /** Asks what the picture at a place shows. */
  onDescribe: (pos: number) => void;
}

/** One stop of the Tab key beside the choice of a kind; the arrows go through it, as in every toolbar. */
export const Toolbar = memo(function Toolbar({
  editor,
  controls,
  linking,
  onLinking,
  onImage,
  onDescribe,
}: ToolbarProps) {
  const { t } = useTranslation('fields');
  const bar = useRef<HTMLDivElement>(null);
  const used = useRef<HTMLElement>(null);
  const now = useEditorState({
    editor,
    selector: ({ editor: at }) => {
      const node = at.state.doc.child(selectedBlocks(at.state).first);
      const kind = kinds.find(
        (each) =>
          each.type === node.type.name && Object.entries(each.attrs).every(([key, value]) => node.attrs[key] === value),
      );
      return {
        kind: kind?.id ?? null,
        item: node.type.name === 'listItem',
        code: node.type.name === 'codeBlock',
        language: (node.attrs.language as string | null | undefined) ?? '',
        active: marks.filter((mark) => at.isActive(mark.name)).map((mark) => mark.name) as string[],
        image: node.type.name === 'image',
        link: at.isActive('link') ? String(at.getAttributes('link').url) : null,
      };
    },
  });
  const run = (command: typeof turnInto, type: string, attrs: Record<string, unknown>) => {
    command(editor.state, type, attrs, editor.view.dispatch);
    editor.view.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
    if (event.target instanceof HTMLInputElement) return;
    const stops = [...(bar.current?.querySelectorAll<HTMLElement>('button:not(:disabled),input') ?? [])];
    const at = stops.indexOf(event.target as HTMLElement);
    if (at < 0) return;
    event.preventDefault();
    stops[(at + (event.key === 'ArrowRight' ? 1 : stops.length - 1)) % stops.length]?.focus();
  };
  // Buttons come and go with the block that the cursor is in. The one that was used last is the stop, or the first.
  useEffect(() => {
    const buttons = [...(bar.current?.querySelectorAll<HTMLElement>('button') ?? [])].filter(
      (button) => !button.matches(':disabled'),
    );
    const last = buttons.find((button) => button === used.current) ?? buttons[0];
    for (const button of buttons) button.tabIndex = button === last ? 0 : -1;
  });
  const onFocus = (event: FocusEvent<HTMLElement>) => {
    if (!(event.target instanceof HTMLButtonElement)) return;
    if (used.current) used.current.tabIndex = -1;
    used.current = event.target;
    event.target.tabIndex = 0;
  };
  const setLanguage = (language: string) => {
    const { first } = selectedBlocks(editor.state);
    let at = 0;
    for (let each = 0; each < first; each += 1) at += editor.state.doc.child(each).nodeSize;
    editor.view.dispatch(
      editor.state.tr.setNodeMarkup(at, undefined, {
        ...editor.state.doc.child(first).attrs,
        language: language || null,
      }),
    );
  };
  return (
    <div
      ref={bar}
      className={classes.bar}
      role="toolbar"
      aria-label={t('blocks.toolbar')}
      aria-controls={controls}
      onKeyDown={onKeyDown}
      onFocus={onFocus}
      tabIndex={-1}
    >
      <Select
        className={classes.select}
        size="xs"
        aria-label={t('blocks.turnInto')}
        allowDeselect={false}
        value={now.kind}
        data={kinds.map((kind) => ({
          value: kind.id,
          label: t(`blocks.${kind.key}`, 'level' in kind ? { level: kind.level } : {}),
        }))}
        onChange={(id) => {
          const kind = kinds.find((each) => each.id === id);
          if (kind && kind.id !== now.kind) run(turnInto, kind.type, kind.attrs);
        }}
      />
      {marks.map(({ name, Icon, keys }) => (
        <Tooltip key={name} label={`${t(`blocks.${name}`)} (${keys})`}>
          <ActionIcon
            variant={now.active.includes(name) ? 'light' : 'subtle'}
            color={now.active.includes(name) ? undefined : 'gray'}
            aria-pressed={now.active.includes(name)}
            aria-label={t(`blocks.${name}`)}
            disabled={now.code}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => editor.chain().focus().toggleMark(name).run()}
          >
            <Icon {...icon} />
          </ActionIcon>
        </Tooltip>
      ))}
      <LinkButton editor={editor} url={now.link} disabled={now.code} open={linking && !now.code} onOpen={onLinking} />
      <Tooltip label={t('blocks.bullets')}>
        <ActionIcon
          variant={now.kind === 'bullets' ? 'light' : 'subtle'}
          color="gray"
          aria-pressed={now.kind === 'bullets'}
          aria-label={t('blocks.bullets')}
          onClick={() => run(turnInto, 'listItem', { format: 'unordered' })}
        >
          <IconList {...icon} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t('blocks.numbers')}>
        <ActionIcon
          variant={now.kind === 'numbers' ? 'light' : 'subtle'}
          color="gray"
          aria-pressed={now.kind === 'numbers'}
          aria-label={t('blocks.numbers')}
          onClick={() => run(turnInto, 'listItem', { format: 'ordered' })}
        >
          <IconListNumbers {...icon} />
        </ActionIcon>
      </Tooltip>
      {now.item && (
        <>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('blocks.indent')}
            onClick={() => indent(editor.state, 1, editor.view.dispatch)}
          >
            <IconIndentIncrease {...icon} />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('blocks.outdent')}
            onClick={() => indent(editor.state, -1, editor.view.dispatch)}
          >
            <IconIndentDecrease {...icon} />
          </ActionIcon>
        </>
      )}
      <Tooltip label={t('blocks.image')}>
        <ActionIcon variant="subtle" color="gray" aria-label={t('blocks.image')} onClick={onImage}>
          <IconPhoto {...icon} />
        </ActionIcon>
      </Tooltip>
      {now.image && (
        <Tooltip label={`${t('blocks.imageText')} (Enter)`}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('blocks.imageText')}
            onClick={() => onDescribe(startOf(editor.state.doc, selectedBlocks(editor.state).first))}
          >
            <IconAlt {...icon} />
          </ActionIcon>
        </Tooltip>
      )}
      {now.code && (
        <TextInput
          size="xs"
          w={120}
          aria-label={t('blocks.language')}
          placeholder={t('blocks.language')}
          value={now.language}
          onChange={(event) => setLanguage(event.currentTarget.value)}
        />
      )}
    </div>
  );
});

interface LinkButtonProps {
  editor: Editor;
  /** Where the link leads that the cursor is in. */
  url: string | null;
  disabled: boolean;
  open: boolean;
  onOpen: (open: boolean) => void;
}

function LinkButton({ editor, url, disabled, open, onOpen }: LinkButtonProps) {
  const { t } = useTranslation('fields');
  const [text, setText] = useState('');
  const [seen, setSeen] = useState(false);
  // Opened, by whatever: begins with where the link leads now.
  if (seen !== open) {
    setSeen(open);
    if (open) setText(url ?? '');
  }
  const complete = completeAddress(text);
  const wrong = complete !== '' && !isLinkAddress(complete);
  const close = () => {
    onOpen(false);
    editor.view.focus();
  };
  const set = () => {
    if (wrong || complete === '') return;
    const chain = editor.chain().focus();
    if (url === null && editor.state.selection.empty) {
      chain.insertContent({ type: 'text', text: complete, marks: [{ type: 'link', attrs: { url: complete } }] }).run();
    } else chain.extendMarkRange('link').setMark('link', { url: complete }).run();
    onOpen(false);
  };
  return (
    <Popover
      opened={open}
      onChange={onOpen}
      trapFocus
      withinPortal
      position="bottom-start"
      onClose={() => onOpen(false)}
    >
      <Popover.Target>
        <Tooltip label={`${t('blocks.link')} (Ctrl+Shift+K)`}>
          <ActionIcon
            variant={url === null ? 'subtle' : 'light'}
            color={url === null ? 'gray' : undefined}
            aria-pressed={url !== null}
            aria-label={t('blocks.link')}
            aria-keyshortcuts="Control+Shift+K"
            disabled={disabled}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onOpen(!open)}
          >
            <IconLink {...icon} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            // Forms in a portal bubble to the page's own.
            event.preventDefault();
            event.stopPropagation();
            set();
          }}
        >
          <TextInput
            data-autofocus
            label={t('blocks.linkAddress')}
            w={260}
            value={text}
            error={wrong ? t('blocks.linkInvalid') : undefined}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return;
              // Of what is open the link alone.
              event.stopPropagation();
              close();
            }}
          />
          <Group mt="xs" gap="xs">
            <Button size="xs" type="submit" disabled={wrong || complete === ''}>
              {t('blocks.linkSet')}
            </Button>
            {url !== null && (
              <Button
                size="xs"
                variant="subtle"
                onClick={() => {
                  editor.chain().focus().extendMarkRange('link').unsetMark('link').run();
                  onOpen(false);
                }}
              >
                {t('blocks.linkRemove')}
              </Button>
            )}
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
