import { closeHistory } from '@tiptap/pm/history';
import { Plugin, PluginKey, TextSelection } from '@tiptap/pm/state';
import type { EditorView } from '@tiptap/pm/view';
import { addressOf } from '../paste/address';
import { type Clip, PlainPasteKey, readClip } from '../paste/clipboard';
import { STEP } from './places';

/** Takes a clipboard; `at` is where it was dropped. */
type Take = (clip: Clip, at: number | null) => void;

/** Takes what is pasted or dropped from elsewhere; what was copied here is ProseMirror's own. */
export function paste(take: Take): Plugin {
  const plain = new PlainPasteKey();
  return new Plugin({
    key: new PluginKey('cairn-paste-elsewhere'),
    props: {
      handleDOMEvents: {
        keydown: (_view, event) => {
          plain.keydown(event);
          return false;
        },
        paste: (view, event) => {
          if (!event.clipboardData || !view.editable) return false;
          const clip = readClip(event.clipboardData, plain.take());
          if (isOwn(clip)) return false;
          event.preventDefault();
          if (!pasteLink(view, clip) && !pasteIntoCode(view, clip)) take(clip, null);
          return true;
        },
        drop: (view, event) => {
          // What is dragged here is moved by ProseMirror.
          if (view.dragging || !event.dataTransfer || !view.editable) return false;
          const clip = readClip(event.dataTransfer);
          if (isOwn(clip) || (clip.files.length === 0 && clip.html === '')) return false;
          const at = view.posAtCoords({ left: event.clientX, top: event.clientY });
          event.preventDefault();
          take(clip, at?.pos ?? null);
          return true;
        },
      },
    },
  });
}

/** Whether it was copied from an editor as this one. Others that are made with ProseMirror have lists and tables, which are none here. */
function isOwn({ html }: Clip): boolean {
  return /\sdata-pm-slice=/.test(html) && !/<(?:li|ul|ol|table|td)[\s>]/i.test(html);
}

/** An address over words is a link. */
function pasteLink(view: EditorView, { text, files }: Clip): boolean {
  const { selection, doc, schema, tr } = view.state;
  const address = files.length === 0 ? addressOf(text) : null;
  const link = schema.marks.link;
  if (!address || !link || selection.empty || !(selection instanceof TextSelection)) return false;
  // Another address is replaced.
  if (addressOf(doc.textBetween(selection.from, selection.to, '\n'))) return false;
  let words = false;
  doc.nodesBetween(selection.from, selection.to, (node) => {
    if (node.isTextblock && node.type.allowsMarkType(link) && node.content.size > 0) words = true;
    return !node.isTextblock;
  });
  if (!words) return false;
  const { from, to } = selection;
  tr.removeMark(from, to, link).addMark(from, to, link.create({ url: address }));
  view.dispatch(closeHistory(tr.setSelection(TextSelection.create(tr.doc, to))).setMeta(STEP, 'apart'));
  return true;
}

/** In code everything is text. */
function pasteIntoCode(view: EditorView, { text }: Clip): boolean {
  const { $from, $to } = view.state.selection;
  if (!$from.parent.type.spec.code || !$from.sameParent($to) || text === '') return false;
  const tr = closeHistory(view.state.tr.insertText(text.replaceAll(/\r\n?/g, '\n')));
  view.dispatch(tr.scrollIntoView().setMeta(STEP, 'apart'));
  return true;
}
