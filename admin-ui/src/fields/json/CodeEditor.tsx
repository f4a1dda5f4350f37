import { defaultHighlightStyle, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { json } from '@codemirror/lang-json';
import { Annotation, Compartment, EditorState } from '@codemirror/state';
import { drawSelection, EditorView, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { styleNonce } from '@/ui/styleNonce';
import classes from './CodeEditor.module.css';

export interface CodeEditorProps {
  labelledBy: string;
  describedBy?: string;
  invalid: boolean;
  value: string;
  onChange: (value: string) => void;
  readOnly: boolean;
}

/** Marks what came from the entry, not from the keyboard. */
const fromOutside = Annotation.define<boolean>();

/** CodeMirror's own colours, lighter where the page is dark. */
const colours = HighlightStyle.define(
  defaultHighlightStyle.specs.map(({ color, ...spec }) => ({
    ...spec,
    ...(color ? { color: `light-dark(${color}, color-mix(in srgb, ${color} 35%, white))` } : {}),
  })),
);

/** CodeMirror with JSON. Tab goes on to the next field, as everywhere. */
export default function CodeEditor({ labelledBy, describedBy, invalid, value, onChange, readOnly }: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const changed = useRef(onChange);
  const attributes = useRef(new Compartment());
  const first = useRef(value);
  useEffect(() => {
    changed.current = onChange;
  });
  useEffect(() => {
    if (!host.current) return undefined;
    const editorView = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          lineNumbers(),
          drawSelection(),
          json(),
          syntaxHighlighting(colours),
          // Its styles are made as it runs; without the word of this page the policy keeps them out.
          EditorView.cspNonce.of(styleNonce()),
          EditorView.lineWrapping,
          EditorView.theme({
            '&': { fontSize: 'var(--mantine-font-size-sm)', maxHeight: '24rem' },
            '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)' },
            '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--mantine-color-dimmed)', border: 'none' },
            '.cm-content': { caretColor: 'var(--mantine-color-text)' },
            '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
            '&.cm-focused': { outline: 'none' },
          }),
          attributes.current.of([]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged && !update.transactions.some((transaction) => transaction.annotation(fromOutside))) {
              changed.current(update.state.doc.toString());
            }
          }),
        ],
      }),
    });
    view.current = editorView;
    return () => editorView.destroy();
  }, []);
  useEffect(() => {
    const now = view.current;
    if (now && now.state.doc.toString() !== value) {
      now.dispatch({
        changes: { from: 0, to: now.state.doc.length, insert: value },
        annotations: fromOutside.of(true),
      });
    }
  }, [value]);
  useEffect(() => {
    view.current?.dispatch({
      effects: attributes.current.reconfigure([
        EditorState.readOnly.of(readOnly),
        EditorView.editable.of(!readOnly),
        EditorView.contentAttributes.of({
          'aria-labelledby': labelledBy,
          ...(describedBy ? { 'aria-describedby': describedBy } : {}),
          'aria-invalid': String(invalid),
        }),
      ]),
    });
  }, [readOnly, labelledBy, describedBy, invalid]);
  return <div ref={host} className={classes.editor} data-invalid={invalid || undefined} />;
}
