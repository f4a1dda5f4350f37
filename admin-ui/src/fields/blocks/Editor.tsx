import { Extension } from '@tiptap/core';
import { closeHistory, history, redo, undo } from '@tiptap/pm/history';
import { Fragment, type Node as PmNode, Slice } from '@tiptap/pm/model';
import { type EditorState, NodeSelection, Plugin, Selection, TextSelection } from '@tiptap/pm/state';
import { type Editor as TipTap, useEditor } from '@tiptap/react';
import { Suspense, useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { readFile } from '@/api/files';
import { lazyPart } from '@/ui/lazyPart';
import type { Clip } from '../paste/clipboard';
import type { Step } from '../paste/useSteps';
import { BlockHandle } from './BlockHandle';
import classes from './Blocks.module.css';
import {
  backspaceInList,
  cleanPaste,
  enterElsewhere,
  enterInList,
  indent,
  insertBlock,
  nudgeBlock,
  replaceDiffering,
} from './commands';
import { assemble, type Flat, fromBlocks, type PmNode as JsonNode, toFlat } from './convert';
import { decorations } from './decorations';
import { lacksAlt } from './accessibility';
import { Hints } from './Hints';
import { withViews } from './nodeViews';
import { paste } from './paste';
import type { EditorTools } from './insertPasted';
import type { PasteHandlers } from './PasteSupport';
import { places, placesKey, placesOf, STEP } from './places';
import { SlashMenu } from './SlashMenu';
import { Toolbar } from './Toolbar';

const Picker = lazyPart(() => import('../media/Picker'));
const ImageDialog = lazyPart(() => import('./ImageDialog'));
const PasteSupport = lazyPart(() => import('./PasteSupport'));

export interface EditorProps {
  id: string;
  label: string;
  describedBy?: string | undefined;
  invalid: boolean;
  required: boolean;
  disabled: boolean;
  locale?: string | undefined;
  value: unknown;
  onChange: (value: unknown[] | null, step?: Step) => void;
  /** Undo over all fields of the form around it; without one the editor has its own. */
  turn?: ((way: 'undo' | 'redo') => void) | undefined;
}

/** What each part of a document became. ProseMirror keeps the parts that did not change, so that a key costs one of them. */
const convertedParts = new WeakMap<PmNode, Flat>();

function blocksOf(doc: PmNode): unknown[] | null {
  const only = doc.childCount === 1 ? doc.firstChild : null;
  if (only?.type.name === 'paragraph' && only.content.size === 0 && !only.attrs.extra) return null;
  const parts: Flat[] = [];
  doc.forEach((node) => {
    let flat = convertedParts.get(node);
    if (!flat) convertedParts.set(node, (flat = toFlat(node.toJSON() as JsonNode)));
    parts.push(flat);
  });
  return assemble(parts);
}

/** What pasting needs of what the editor is made with. */
const tools: EditorTools = { closeHistory, Fragment, Slice, Selection, TextSelection, placesKey, placesOf, STEP };

/** The text itself. Not by TipTap's own component, which draws all of it twice more for the sake of views made with React: there are none. */
function EditorText({ editor }: { editor: TipTap }) {
  const container = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const { dom } = editor.view;
    container.current?.append(dom);
    return () => dom.remove();
  }, [editor]);
  return <div ref={container} />;
}

/** The editor of Strapi's blocks. */
export default function Editor({
  id,
  label,
  describedBy,
  invalid,
  required,
  disabled,
  locale,
  value,
  onChange,
  turn,
}: EditorProps) {
  const { t } = useTranslation('fields');
  const frame = useRef<HTMLDivElement>(null);
  const menu = useId();
  const slash = useRef<((event: KeyboardEvent) => boolean) | null>(null);
  const [picking, setPicking] = useState(false);
  const [linking, setLinking] = useState(false);
  // Where the picture is that is being described.
  const [described, setDescribed] = useState<number | null>(null);
  const setSlash = useCallback((handler: typeof slash.current) => {
    slash.current = handler;
  }, []);
  const pick = useCallback(() => setPicking(true), []);
  const emitted = useRef(value);
  const change = useRef(onChange);
  const turnAll = useRef(turn);
  const ownHistory = turn === undefined;
  useEffect(() => {
    change.current = onChange;
    turnAll.current = turn;
  });

  // What is pasted comes to a plugin that is made once; what takes it comes later, and may be of another moment.
  const handlers = useRef<PasteHandlers | null>(null);
  const earlyPaste = useRef<{ clip: Clip; at: number | null } | null>(null);
  const setHandlers = useCallback((next: PasteHandlers | null) => {
    handlers.current = next;
    const early = earlyPaste.current;
    if (!next || !early) return;
    earlyPaste.current = null;
    void next.take(early.clip, early.at);
  }, []);
  const takePaste = useCallback((clip: Clip, at: number | null) => {
    if (handlers.current) void handlers.current.take(clip, at);
    else earlyPaste.current = { clip, at };
  }, []);

  const keys = useMemo(
    () =>
      Extension.create({
        name: 'cairnKeys',
        priority: 500,
        addKeyboardShortcuts() {
          const run =
            (command: (state: EditorState, dispatch: (typeof this.editor.view)['dispatch']) => boolean) => () =>
              command(this.editor.state, this.editor.view.dispatch);
          const describe = () => {
            const { selection } = this.editor.state;
            if (!(selection instanceof NodeSelection) || selection.node.type.name !== 'image') return false;
            setDescribed(selection.from);
            return true;
          };
          // The first block goes no higher: the key is the editor's all the same, and must not move the cursor or the list around it.
          const nudge = (by: -1 | 1) => () => {
            run((state, dispatch) => nudgeBlock(state, by, dispatch))();
            return true;
          };
          return {
            Enter: () => describe() || run(enterInList)() || run(enterElsewhere)(),
            'Mod-Shift-k': () => (setLinking(true), true),
            Backspace: run((state, dispatch) => backspaceInList(state, dispatch)),
            // Tab goes on to the next field, but in lists, where it is what everybody knows.
            Tab: run((state, dispatch) => indent(state, 1, dispatch)),
            'Shift-Tab': run((state, dispatch) => indent(state, -1, dispatch)),
            'Alt-ArrowUp': nudge(-1),
            'Alt-ArrowDown': nudge(1),
            ...(ownHistory
              ? {
                  'Mod-z': () => handlers.current?.undo() || run((state, dispatch) => undo(state, dispatch))(),
                  'Mod-y': run((state, dispatch) => redo(state, dispatch)),
                  'Shift-Mod-z': run((state, dispatch) => redo(state, dispatch)),
                }
              : {
                  // ProseMirror keeps these keys from the page, which has the undo.
                  'Mod-z': () => (handlers.current?.undo() || turnAll.current?.('undo'), true),
                  'Mod-y': () => (turnAll.current?.('redo'), true),
                  'Shift-Mod-z': () => (turnAll.current?.('redo'), true),
                }),
          };
        },
        addProseMirrorPlugins() {
          const slashKeys = new Plugin({ props: { handleKeyDown: (_view, event) => slash.current?.(event) ?? false } });
          return [
            slashKeys,
            cleanPaste,
            paste(takePaste),
            places(
              (name) => t('paste.place', { name }),
              (gone) => handlers.current?.stop(gone),
            ),
            decorations(t('blocks.placeholder')),
            ...(ownHistory ? [history()] : []),
          ];
        },
      }),
    // The texts of one language, the history of one place: both stay while the field is on the page.
    // oxlint-disable-next-line react/exhaustive-deps
    [],
  );

  const [parts] = useState(() =>
    withViews({ undescribed: t('blocks.undescribed'), unknown: (type) => t('blocks.unknown', { type }) }, setDescribed),
  );
  const [first] = useState(() => fromBlocks(value));
  const editor = useEditor(
    {
      extensions: [...parts, keys],
      content: first,
      editable: !disabled,
      injectCSS: false,
      enableInputRules: true,
      enablePasteRules: false,
      immediatelyRender: true,
      shouldRerenderOnTransaction: false,
      editorProps: {
        attributes: {
          id,
          role: 'textbox',
          'aria-multiline': 'true',
          'aria-label': label,
          'aria-required': String(required),
          'aria-haspopup': 'listbox',
          ...(locale ? { lang: locale } : {}),
        },
      },
      onUpdate: ({ editor: now, transaction }) => {
        const blocks = blocksOf(now.state.doc);
        emitted.current = blocks;
        change.current(blocks, transaction.getMeta(STEP) as Step | undefined);
      },
    },
    // Made once for a field. Without this every drawing would compare the options, find other objects, and set up the view again.
    [id],
  );

  // What may change while the field is on the page is said of its element.
  useEffect(() => {
    const text = frame.current?.querySelector('[role="textbox"]');
    text?.setAttribute('aria-invalid', String(invalid));
    if (describedBy) text?.setAttribute('aria-describedby', describedBy);
    else text?.removeAttribute('aria-describedby');
  }, [editor, invalid, describedBy]);

  useEffect(() => {
    if (editor.isEditable === disabled) editor.setEditable(!disabled, false);
  }, [editor, disabled]);

  // A value from elsewhere: undo, restore, a merge.
  useEffect(() => {
    if (value === emitted.current) return;
    emitted.current = value;
    const next = editor.schema.nodeFromJSON(fromBlocks(value));
    const tr = replaceDiffering(editor.state, next);
    // Not told again: it is not a change of this field's.
    if (tr) editor.view.dispatch(tr.setMeta('preventUpdate', true).setMeta('addToHistory', ownHistory));
  }, [editor, value, ownHistory]);

  return (
    <div ref={frame} className={classes.frame} data-invalid={invalid || undefined}>
      {!disabled && (
        <Toolbar
          editor={editor}
          controls={id}
          linking={linking}
          onLinking={setLinking}
          onImage={pick}
          onDescribe={setDescribed}
        />
      )}
      <div className={classes.content}>
        <EditorText editor={editor} />
      </div>
      {!disabled && <BlockHandle editor={editor} frame={frame} />}
      {!disabled && <SlashMenu editor={editor} frame={frame} id={menu} onKeys={setSlash} onImage={pick} />}
      {!disabled && <Hints editor={editor} onDescribe={setDescribed} />}
      <Suspense>{!disabled && <PasteSupport editor={editor} tools={tools} onReady={setHandlers} />}</Suspense>
      <Suspense>
        {described !== null && (
          <ImageDialog key={described} editor={editor} pos={described} onClose={() => setDescribed(null)} />
        )}
        {picking && (
          <Picker
            multiple={false}
            allowed={['images']}
            onClose={() => setPicking(false)}
            onPick={([file]) => {
              setPicking(false);
              if (!file) return;
              // Blocks hold a copy of all that is known of a file.
              void readFile(file.id).then((image) => {
                const at = insertBlock(editor, 'image', {
                  json: { type: 'image', image, children: [{ type: 'text', text: '' }] },
                });
                // Whoever puts it there knows best what it shows.
                if (at !== null && lacksAlt(image)) setDescribed(at);
              });
            }}
          />
        )}
      </Suspense>
    </div>
  );
}
