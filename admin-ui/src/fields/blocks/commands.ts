import type { Editor } from '@tiptap/core';
import { Fragment, type Node as PmNode, Slice } from '@tiptap/pm/model';
import { type EditorState, NodeSelection, Plugin, PluginKey, TextSelection, type Transaction } from '@tiptap/pm/state';
import type { EditorView } from '@tiptap/pm/view';

type Dispatch = ((transaction: Transaction) => void) | undefined;

/** The places of the blocks that the selection touches, as indexes into the document. */
export function selectedBlocks(state: EditorState): { first: number; last: number } {
  const { $from, $to } = state.selection;
  const first = $from.depth === 0 ? $from.indexAfter(0) : $from.index(0);
  const last = $to.depth === 0 ? Math.max(first, $to.indexAfter(0) - 1) : $to.index(0);
  if (state.selection instanceof NodeSelection && $from.depth === 0)
    return { first: $from.index(0), last: $from.index(0) };
  return { first: Math.min(first, state.doc.childCount - 1), last: Math.min(last, state.doc.childCount - 1) };
}

/** Where a block begins. */
export function startOf(doc: PmNode, index: number): number {
  let at = 0;
  for (let each = 0; each < index; each += 1) at += doc.child(each).nodeSize;
  return at;
}

/** Moves a block to another place; what is selected in it goes along. */
export function moveBlock(state: EditorState, from: number, to: number, dispatch?: Dispatch): boolean {
  const { doc } = state;
  if (from === to || from < 0 || to < 0 || from >= doc.childCount || to >= doc.childCount) return false;
  const node = doc.child(from);
  const old = startOf(doc, from);
  const { anchor, head } = state.selection;
  const tr = state.tr.delete(old, old + node.nodeSize);
  const target = startOf(tr.doc, to);
  tr.insert(target, node);
  const inside = anchor >= old && anchor <= old + node.nodeSize && head >= old && head <= old + node.nodeSize;
  if (inside && node.isTextblock)
    tr.setSelection(TextSelection.create(tr.doc, anchor - old + target, head - old + target));
  else if (node.isAtom) tr.setSelection(NodeSelection.create(tr.doc, target));
  dispatch?.(tr.scrollIntoView());
  return true;
}

/** Moves the block of the selection by one. */
export function nudgeBlock(state: EditorState, by: -1 | 1, dispatch?: Dispatch): boolean {
  const { first } = selectedBlocks(state);
  return moveBlock(state, first, first + by, dispatch);
}

/** A copy behind a block. */
export function duplicateBlock(state: EditorState, index: number, dispatch?: Dispatch): boolean {
  const node = state.doc.child(index);
  const at = startOf(state.doc, index) + node.nodeSize;
  dispatch?.(state.tr.insert(at, plainCopy(node)).scrollIntoView());
  return true;
}

/** The same without the lists that begin with it: a copy of an item goes on in its list. */
function plainCopy(node: PmNode): PmNode {
  return node.type.name === 'listItem'
    ? node.type.create({ ...node.attrs, opens: [] }, node.content, node.marks)
    : node;
}

/** Takes a block away; the last one leaves an empty paragraph. */
export function deleteBlock(state: EditorState, index: number, dispatch?: Dispatch): boolean {
  const start = startOf(state.doc, index);
  const { nodeSize } = state.doc.child(index);
  const tr = state.tr;
  if (state.doc.childCount === 1) {
    const paragraph = state.schema.nodes.paragraph;
    if (paragraph) tr.replaceWith(start, start + nodeSize, paragraph.create());
  } else tr.delete(start, start + nodeSize);
  dispatch?.(tr.scrollIntoView());
  return true;
}

/** Makes the selected blocks of text blocks of another kind; a block that is one already becomes a paragraph. */
export function turnInto(
  state: EditorState,
  type: string,
  attrs: Record<string, unknown>,
  dispatch?: Dispatch,
): boolean {
  const target = state.schema.nodes[type];
  const plain = state.schema.nodes.paragraph;
  if (!target || !plain) return false;
  const { first, last } = selectedBlocks(state);
  const range = Array.from({ length: last - first + 1 }, (_, at) => state.doc.child(first + at));
  const isSo = (node: PmNode) =>
    node.type === target && Object.entries(attrs).every(([key, value]) => node.attrs[key] === value);
  const back = range.every((node) => !node.isTextblock || isSo(node)) && type !== 'paragraph';
  const tr = state.tr;
  for (let at = first; at <= last; at += 1) {
    const node = state.doc.child(at);
    if (!node.isTextblock) continue;
    const start = startOf(tr.doc, at);
    const into = back ? plain : target;
    const keptAttrs = node.type.name === 'listItem' && type === 'listItem' ? { level: node.attrs.level as number } : {};
    const from = start + 1;
    const to = start + 1 + node.content.size;
    if (into.name === 'codeBlock') {
      const text = node.textBetween(0, node.content.size, '\n', (leaf) => (leaf.type.name === 'hardBreak' ? '\n' : ''));
      // Links and marks have no place in code; what nobody knows must not be lost, so such a block stays.
      if (node.content.content.some((child) => child.type.name === 'unknownInline')) continue;
      tr.replaceWith(start, start + node.nodeSize, into.create(attrs, text ? state.schema.text(text) : null));
    } else if (node.type.name === 'codeBlock') {
      tr.replaceWith(start, start + node.nodeSize, into.create(back ? {} : attrs, linesOf(state, node.textContent)));
    } else tr.setBlockType(from, to, into, back ? {} : { ...attrs, ...keptAttrs });
  }
  dispatch?.(tr.scrollIntoView());
  return tr.docChanged;
}

/** A text with its line breaks as nodes. */
function linesOf(state: EditorState, text: string): Fragment {
  const parts: PmNode[] = [];
  text.split('\n').forEach((line, at) => {
    const lineBreak = state.schema.nodes.hardBreak;
    if (at > 0 && lineBreak) parts.push(lineBreak.create());
    if (line) parts.push(state.schema.text(line));
  });
  return Fragment.from(parts);
}

/** Changes the level of the selected items of lists. */
export function indent(state: EditorState, by: -1 | 1, dispatch?: Dispatch): boolean {
  const { first, last } = selectedBlocks(state);
  const tr = state.tr;
  for (let at = first; at <= last; at += 1) {
    const node = state.doc.child(at);
    if (node.type.name !== 'listItem') continue;
    const level = Number(node.attrs.level);
    const before = at > 0 ? state.doc.child(at - 1) : null;
    // An item is at most one deeper than the one above it.
    const deepest = before?.type.name === 'listItem' ? Number(before.attrs.level) + 1 : 0;
    const next = Math.max(0, Math.min(level + by, Math.max(deepest, at > first ? level + by : 0), 5));
    if (next !== level) tr.setNodeMarkup(startOf(state.doc, at), undefined, { ...node.attrs, level: next, opens: [] });
  }
  if (tr.docChanged) dispatch?.(tr);
  return tr.docChanged;
}

/** Enter in a list: an empty item goes up a level, and out of the list at the end; else the item is split. */
export function enterInList(state: EditorState, dispatch?: Dispatch): boolean {
  const { $from, empty } = state.selection;
  const node = $from.parent;
  if (node.type.name !== 'listItem') return false;
  if (node.content.size === 0 && empty) return backspaceInList(state, dispatch, true);
  const tr = state.tr.deleteSelection();
  const at = tr.selection.from;
  const parent = tr.doc.resolve(at).parent;
  tr.split(at, 1, [{ type: parent.type, attrs: { ...parent.attrs, opens: [], extra: null } }]);
  dispatch?.(tr.scrollIntoView());
  return true;
}

/** Backspace at the start of an item: up a level, then out of the list. */
export function backspaceInList(state: EditorState, dispatch?: Dispatch, anywhere = false): boolean {
  const { $from, empty } = state.selection;
  const node = $from.parent;
  if (!empty || node.type.name !== 'listItem' || (!anywhere && $from.parentOffset > 0)) return false;
  if (Number(node.attrs.level) > 0) return indent(state, -1, dispatch);
  return turnInto(state, 'paragraph', {}, dispatch);
}

/** Enter at the end of a heading or quote goes on with text; in code it is a line; an empty last line leaves it. */
export function enterElsewhere(state: EditorState, dispatch?: Dispatch): boolean {
  const { $from, empty } = state.selection;
  const node = $from.parent;
  const plain = state.schema.nodes.paragraph;
  if (!plain) return false;
  if (node.type.name === 'codeBlock') {
    const leaving = empty && $from.parentOffset === node.content.size && node.textContent.endsWith('\n');
    const tr = state.tr;
    if (leaving) {
      tr.delete($from.pos - 1, $from.pos);
      const behind = tr.selection.$from.after(1);
      tr.insert(behind, plain.create()).setSelection(TextSelection.create(tr.doc, behind + 1));
    } else tr.insertText('\n');
    dispatch?.(tr.scrollIntoView());
    return true;
  }
  if (node.type.name === 'heading' || node.type.name === 'quote') {
    if (node.type.name === 'quote' && node.content.size === 0) return turnInto(state, 'paragraph', {}, dispatch);
    const tr = state.tr.deleteSelection();
    const { parent, parentOffset } = tr.selection.$from;
    const end = parentOffset === parent.content.size;
    tr.split(tr.selection.from, 1, [
      end ? { type: plain } : { type: parent.type, attrs: { ...parent.attrs, extra: null } },
    ]);
    dispatch?.(tr.scrollIntoView());
    return true;
  }
  return false;
}

/** Puts a block behind the one of the selection, or in its place where that is empty. Answers where it is. */
export function insertBlock(editor: Editor, type: string, attrs: Record<string, unknown>): number | null {
  const { state, view } = editor;
  const newNode = state.schema.nodes[type]?.create(attrs);
  if (!newNode) return null;
  const { last } = selectedBlocks(state);
  const node = state.doc.child(last);
  const start = startOf(state.doc, last);
  const inPlace = node.type.name === 'paragraph' && node.content.size === 0;
  const tr = inPlace
    ? state.tr.replaceWith(start, start + node.nodeSize, newNode)
    : state.tr.insert(start + node.nodeSize, newNode);
  const at = inPlace ? start : start + node.nodeSize;
  const behind = at + newNode.nodeSize;
  if (newNode.isAtom && behind >= tr.doc.content.size) {
    const plain = state.schema.nodes.paragraph;
    if (plain) tr.insert(behind, plain.create());
  }
  tr.setSelection(
    newNode.isTextblock ? TextSelection.create(tr.doc, at + 1) : TextSelection.near(tr.doc.resolve(behind)),
  );
  view.dispatch(tr.scrollIntoView());
  view.focus();
  return at;
}

/** Replaces only what differs, so that the cursor stays where it was when the rest comes from elsewhere. */
export function replaceDiffering(state: EditorState, next: PmNode): Transaction | null {
  const start = state.doc.content.findDiffStart(next.content);
  if (start === null) return null;
  const end = state.doc.content.findDiffEnd(next.content);
  if (!end) return null;
  let { a, b } = end;
  const overlap = start - Math.min(a, b);
  if (overlap > 0) {
    a += overlap;
    b += overlap;
  }
  const whole = () => state.tr.replaceWith(0, state.doc.content.size, next.content);
  try {
    const tr = state.tr.replace(start, a, next.slice(start, b));
    return tr.doc.eq(next) ? tr : whole();
  } catch {
    return whole();
  }
}

/** Begins to drag a block: what the editor needs to know to move it, and not copy it, where it is dropped. */
export function beginDrag(view: EditorView, index: number, data: DataTransfer): void {
  const selection = NodeSelection.create(view.state.doc, startOf(view.state.doc, index));
  view.dispatch(view.state.tr.setSelection(selection));
  data.effectAllowed = 'move';
  data.setData('text/plain', ' ');
  view.dragging = { slice: selection.content(), move: true };
}

/** What is pasted as lists in lists becomes items with levels by the schema; items on their own lose what only their old place had. */
const pasteKey = new PluginKey('cairn-paste');
export const cleanPaste = new Plugin({
  key: pasteKey,
  props: {
    transformPasted: (slice) => {
      const each = (fragment: Fragment): Fragment =>
        Fragment.from(
          fragment.content.map((node) =>
            node.type.name === 'listItem' ? plainCopy(node) : node.isText ? node : node.copy(each(node.content)),
          ),
        );
      return new Slice(each(slice.content), slice.openStart, slice.openEnd);
    },
  },
});
