import type { Editor } from '@tiptap/core';
import type { closeHistory } from '@tiptap/pm/history';
import type { Fragment, Slice } from '@tiptap/pm/model';
import type { Selection, TextSelection, Transaction } from '@tiptap/pm/state';
import { isRecord } from '../form/values';
import { addressOf } from '../paste/address';
import type { Clip } from '../paste/clipboard';
import type { Step } from '../paste/useSteps';
import type { PmNode as JsonNode } from './convert';
import type { Place, placesKey, placesOf, PlacesChange, STEP } from './places';

/** What the editor is made with. It comes with the editor, which is there before anybody pastes; this file comes later, and without it. */
export interface EditorTools {
  closeHistory: typeof closeHistory;
  Fragment: typeof Fragment;
  Slice: typeof Slice;
  Selection: typeof Selection;
  TextSelection: typeof TextSelection;
  placesKey: typeof placesKey;
  placesOf: typeof placesOf;
  STEP: typeof STEP;
}

/** Puts what was pasted into the text, in one step. Returns whether it changed, and where its pictures are to be. */
export function insertPasted(
  { closeHistory, Fragment, Slice, Selection, STEP }: EditorTools,
  editor: Editor,
  nodes: readonly JsonNode[],
  at: number | null,
): { changed: boolean; places: number[] } {
  const { state, view } = editor;
  const tr = closeHistory(state.tr);
  if (at !== null) tr.setSelection(Selection.near(tr.doc.resolve(Math.min(at, tr.doc.content.size))));
  if (nodes.every((node) => node.type === 'image')) {
    const place = blockPlace(tr);
    return { changed: false, places: nodes.map(() => place) };
  }
  const fragment = Fragment.from(nodes.map((node) => state.schema.nodeFromJSON(node)));
  const whole = Slice.maxOpen(fragment);
  const first = fragment.firstChild?.type.name;
  // A heading or an item that begins several parts stays one; alone it is words that go on in a line.
  const openStart = nodes.length === 1 || first === 'paragraph' ? whole.openStart : 0;
  const openEnd = fragment.lastChild?.type.name === 'codeBlock' && nodes.length > 1 ? 0 : whole.openEnd;
  tr.replaceSelection(new Slice(fragment, openStart, openEnd));
  const found: number[] = [];
  tr.doc.descendants((node, pos) => {
    const json: unknown = node.type.name === 'image' ? node.attrs.json : null;
    if (isRecord(json) && typeof json.pasted === 'number') found.push(pos);
    return node.isBlock && !node.isTextblock;
  });
  for (const pos of found.toReversed()) tr.delete(pos, pos + 1);
  view.dispatch(tr.scrollIntoView().setMeta('paste', true).setMeta('uiEvent', 'paste').setMeta(STEP, 'apart'));
  return { changed: true, places: found.map((pos, index) => pos - index) };
}

/** Behind the part of the selection; before it where it is empty, so that the cursor stays below a picture. */
function blockPlace(tr: Transaction): number {
  const { $to } = tr.selection;
  if ($to.depth === 0) return $to.pos;
  const empty = $to.parent.type.name === 'paragraph' && $to.parent.content.size === 0;
  return empty ? $to.before(1) : $to.after(1);
}

export function addPlaces({ placesKey }: EditorTools, editor: Editor, add: Place[]): void {
  editor.view.dispatch(editor.state.tr.setMeta(placesKey, { add } satisfies PlacesChange));
}

/** Puts a picture of the library where its place is; `false` where that is gone. */
export function insertArrived(
  { placesKey, placesOf, STEP }: EditorTools,
  editor: Editor,
  key: number,
  image: Record<string, unknown>,
  step: Step,
): boolean {
  if (editor.isDestroyed) return false;
  const { state, view } = editor;
  const place = placesOf(state).find((each) => each.key === key);
  const { image: type, paragraph } = state.schema.nodes;
  if (!place || !type || !paragraph) return false;
  const json = { type: 'image', image, children: [{ type: 'text', text: '' }] };
  const $pos = state.doc.resolve(Math.min(place.pos, state.doc.content.size));
  const at = $pos.depth === 0 ? $pos.pos : $pos.after(1);
  const node = type.create({ json });
  // Behind the last picture of a text is somewhere to write.
  const tr = state.tr.insert(at, at === state.doc.content.size ? [node, paragraph.create()] : node);
  view.dispatch(tr.setMeta(placesKey, { remove: key } satisfies PlacesChange).setMeta(STEP, step));
  return true;
}

/** Writes the alternative text of a file into all its pictures in the text. */
export function describeImages({ STEP }: EditorTools, editor: Editor, file: unknown, alt: string): void {
  const { state, view } = editor;
  const tr = state.tr;
  state.doc.forEach((node, pos) => {
    if (node.type.name !== 'image') return;
    const json: unknown = node.attrs.json;
    if (!isRecord(json) || !isRecord(json.image) || json.image.id !== file) return;
    const described = { ...json, image: { ...json.image, alternativeText: alt } };
    tr.setNodeMarkup(pos, undefined, { ...node.attrs, json: described });
  });
  if (tr.docChanged) view.dispatch(tr.setMeta(STEP, 'apart'));
}

export function hasPlace({ placesOf }: EditorTools, { state }: Editor, key: number): boolean {
  return placesOf(state).some((place) => place.key === key);
}

export function removePlace(tools: EditorTools, editor: Editor, key: number): void {
  if (editor.isDestroyed || !hasPlace(tools, editor, key)) return;
  editor.view.dispatch(editor.state.tr.setMeta(tools.placesKey, { remove: key } satisfies PlacesChange));
}

/** An address over words is a link. */
export function pasteLink(
  { closeHistory, TextSelection, STEP }: EditorTools,
  { view }: Editor,
  { text, files, plain }: Clip,
): boolean {
  const { selection, doc, schema, tr } = view.state;
  const address = files.length === 0 && !plain ? addressOf(text) : null;
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
export function pasteIntoCode({ closeHistory, STEP }: EditorTools, { view }: Editor, { text }: Clip): boolean {
  const { $from, $to } = view.state.selection;
  if (!$from.parent.type.spec.code || !$from.sameParent($to) || text === '') return false;
  const tr = closeHistory(view.state.tr.insertText(text.replaceAll(/\r\n?/g, '\n')));
  view.dispatch(tr.scrollIntoView().setMeta(STEP, 'apart'));
  return true;
}
