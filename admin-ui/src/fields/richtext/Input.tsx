import { ActionIcon, Input as Wrapper, Tabs, Textarea, Tooltip } from '@mantine/core';
import {
  IconBold,
  IconCode,
  IconH2,
  IconItalic,
  IconLink,
  IconList,
  IconListNumbers,
  IconPhoto,
  IconQuote,
  IconStrikethrough,
} from '@tabler/icons-react';
import { type KeyboardEvent, Suspense, useCallback, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { lazyPart } from '@/ui/lazyPart';
import { useInputProps } from '../shared/inputProps';
import type { InputProps } from '../types';
import { insertLink, insertText, prefixLines, type TextSelection, wrapSelection } from './edits';
import classes from './Markdown.module.css';
import type { AskAlt } from './PasteSupport';

const Preview = lazyPart(() => import('./Preview'));
const Picker = lazyPart(() => import('../media/Picker'));
const PasteSupport = lazyPart(() => import('./PasteSupport'));

const icon = { size: 16, 'aria-hidden': true } as const;

/** Each changes the text alone; the image asks for one first. */
const tools: readonly { name: ToolName; Icon: typeof IconBold; change?: (selected: TextSelection) => TextSelection }[] =
  [
    { name: 'bold', Icon: IconBold, change: (s) => wrapSelection(s, '**') },
    { name: 'italic', Icon: IconItalic, change: (s) => wrapSelection(s, '_') },
    { name: 'strikethrough', Icon: IconStrikethrough, change: (s) => wrapSelection(s, '~~') },
    { name: 'code', Icon: IconCode, change: (s) => wrapSelection(s, '`') },
    { name: 'heading', Icon: IconH2, change: (s) => prefixLines(s, () => '## ', /^#{1,6} /) },
    { name: 'bullets', Icon: IconList, change: (s) => prefixLines(s, () => '- ', /^[-*+] /) },
    { name: 'numbers', Icon: IconListNumbers, change: (s) => prefixLines(s, (line) => `${line}. `, /^\d+[.)] /) },
    { name: 'quote', Icon: IconQuote, change: (s) => prefixLines(s, () => '> ', /^> ?/) },
    { name: 'link', Icon: IconLink, change: insertLink },
    { name: 'image', Icon: IconPhoto },
  ];

type ToolName =
  | 'bold'
  | 'italic'
  | 'strikethrough'
  | 'code'
  | 'heading'
  | 'bullets'
  | 'numbers'
  | 'quote'
  | 'link'
  | 'image';

/**
 * Markdown, edited as what it is: the source. No editor writes back what it has read without changing something, a `*` to a
 * `_`, a blank line; here a byte that nobody touched stays that byte.
 */
export function Input(props: InputProps<string | null>) {
  const { t } = useTranslation('fields');
  const { value, onChange, disabled = false } = props;
  const common = useInputProps(props);
  const area = useRef<HTMLTextAreaElement>(null);
  const [picking, setPicking] = useState(false);
  const [tab, setTab] = useState<string | null>('write');

  const edit = (change: (selected: TextSelection) => TextSelection) => {
    const element = area.current;
    if (!element) return;
    const next = change({ text: element.value, from: element.selectionStart, to: element.selectionEnd });
    onChange(next.text === '' ? null : next.text);
    requestAnimationFrame(() => {
      element.focus();
      element.setSelectionRange(next.from, next.to);
    });
  };
  const askAlt = useRef<AskAlt | null>(null);
  const setAskAlt = useCallback((ask: AskAlt) => {
    askAlt.current = ask;
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const name = ({ b: 'bold', i: 'italic' } as Record<string, string>)[event.key.toLowerCase()];
    const tool = tools.find((each) => each.name === name);
    if (!tool?.change) return;
    event.preventDefault();
    edit(tool.change);
  };
  return (
    <Wrapper.Wrapper
      id={common.id}
      label={common.label}
      description={common.description}
      error={common.error}
      withAsterisk={common.withAsterisk}
    >
      <Tabs
        value={tab}
        onChange={setTab}
        className={classes.frame}
        data-invalid={common.error ? true : undefined}
        keepMounted
      >
        <Tabs.List>
          <Tabs.Tab value="write">{t('markdown.write')}</Tabs.Tab>
          <Tabs.Tab value="preview">{t('markdown.preview')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="write">
          {!disabled && (
            <div className={classes.bar} role="toolbar" aria-label={t('markdown.toolbar')} aria-controls={common.id}>
              {tools.map(({ name, Icon, change }) => (
                <Tooltip key={name} label={t(`markdown.${name}`)}>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t(`markdown.${name}`)}
                    onClick={() => (change ? edit(change) : setPicking(true))}
                  >
                    <Icon {...icon} />
                  </ActionIcon>
                </Tooltip>
              ))}
            </div>
          )}
          <Textarea
            ref={area}
            id={common.id}
            className={classes.source}
            name={common.name}
            lang={common.lang}
            disabled={disabled}
            error={Boolean(common.error)}
            aria-required={common['aria-required']}
            autosize
            minRows={6}
            maxRows={24}
            value={value ?? ''}
            onChange={(event) => onChange(event.currentTarget.value === '' ? null : event.currentTarget.value)}
            onKeyDown={onKeyDown}
          />
        </Tabs.Panel>
        <Tabs.Panel value="preview">
          {tab === 'preview' && (
            <Suspense>
              <Preview source={value ?? ''} />
            </Suspense>
          )}
        </Tabs.Panel>
        <Suspense>{!disabled && <PasteSupport field={props} area={area} onReady={setAskAlt} />}</Suspense>
      </Tabs>
      <Suspense>
        {picking && (
          <Picker
            multiple={false}
            allowed={['images']}
            onClose={() => setPicking(false)}
            onPick={([file]) => {
              setPicking(false);
              if (!file?.url) return;
              const alt = file.alternativeText;
              const picture = `![${(alt ?? '').replaceAll(/[[\]]/g, '')}](${encodeURI(file.url)})`;
              edit((s) => insertText(s, picture));
              // Whoever puts it there knows best what it shows.
              if (alt === null) askAlt.current?.({ ...file, written: picture });
            }}
          />
        )}
      </Suspense>
    </Wrapper.Wrapper>
  );
}
