import type { Editor } from '@tiptap/core';
import { closeHistory } from '@tiptap/pm/history';
import { Fragment, Slice } from '@tiptap/pm/model';
import { type EditorState, Plugin, PluginKey, Selection, type Transaction } from '@tiptap/pm/state';
import { Decoration, DecorationSet } from '@tiptap/pm/view';
import type { Step } from '../paste/useSteps';
import type { PmNode as JsonNode } from './convert';
import { imageOf } from './findings';
import { isNode } from './json';

/** Where a picture will be that is on its way to the library. */
interface Place {
  key: number;
  pos: number;
  name: string;
}

/** The key of how a change of the form is taken back: see `useSteps`. */
export const STEP = 'cairn-step';

interface Places {
  list: readonly Place[];
  /** Keys of places whose text was deleted just now. */
  lost: readonly number[];
}

const placesKey = new PluginKey<Places>('cairn-places');

interface PlacesChange {
  add?: Place[];
  remove?: number;
}

/** Shows where pictures will be. Places move with the text; `lost` is told of those whose text was deleted. */
export function places(label: (name: string) => string, lost: (keys: readonly number[]) => void): Plugin<Places> {
  return new Plugin<Places>({
    key: placesKey,
    state: {
      init: () => ({ list: [], lost: [] }),
      apply: (tr, before) => {
        const change = tr.getMeta(placesKey) as PlacesChange | undefined;
        if (!change && (before.list.length === 0 || !tr.docChanged))
          return before.lost.length > 0 ? { list: before.list, lost: [] } : before;
        const gone: number[] = [];
        const list = before.list.flatMap((place) => {
          if (place.key === change?.remove) return [];
          const { pos, deletedAcross } = tr.mapping.mapResult(place.pos, -1);
          if (deletedAcross) gone.push(place.key);
          return deletedAcross ? [] : [{ ...place, pos }];
        });
        return { list: [...list, ...(change?.add ?? [])], lost: gone };
      },
    },
    props: {
      decorations: (state) => {
        const list = placesOf(state);
        if (list.length === 0) return null;
        const widgets = list.map(({ key, pos, name }) =>
          Decoration.widget(Math.min(pos, state.doc.content.size), () => placeholder(label(name)), {
            key: String(key),
          }),
        );
        return DecorationSet.create(state.doc, widgets);
      },
    },
    view: () => ({
      update: ({ state }, old) => {
        const now = placesKey.getState(state);
        if (now && now !== placesKey.getState(old) && now.lost.length > 0) lost(now.lost);
      },
    }),
  });
}

function placesOf(state: EditorState): readonly Place[] {
  return placesKey.getState(state)?.list ?? [];
}

function placeholder(text: string): HTMLElement {
  const box = document.createElement('div');
  box.dataset.unknown = '';
  box.contentEditable = 'false';
  box.textContent = text;
  return box;
}

/** Puts what was pasted into the text, in one step. Answers whether it changed, and where its pictures are to be. */
export function insertPasted(
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
    if (isNode(json) && typeof json.pasted === 'number') found.push(pos);
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

export function addPlaces(editor: Editor, add: Place[]): void {
  editor.view.dispatch(editor.state.tr.setMeta(placesKey, { add } satisfies PlacesChange));
}

export function hasPlace(state: EditorState, key: number): boolean {
  return placesOf(state).some((place) => place.key === key);
}

export function removePlace(editor: Editor, key: number): void {
  if (editor.isDestroyed || !hasPlace(editor.state, key)) return;
  editor.view.dispatch(editor.state.tr.setMeta(placesKey, { remove: key } satisfies PlacesChange));
}

/** Puts a picture of the library where its place is; `false` where that is gone. */
export function insertArrived(editor: Editor, key: number, image: Record<string, unknown>, step: Step): boolean {
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
export function describeImages(editor: Editor, file: unknown, alt: string): void {
  const { state, view } = editor;
  const tr = state.tr;
  state.doc.forEach((node, pos) => {
    if (node.type.name !== 'image') return;
    const image = imageOf(node);
    const json: unknown = node.attrs.json;
    if (image.id !== file || !isNode(json)) return;
    const described = { ...json, image: { ...image, alternativeText: alt } };
    tr.setNodeMarkup(pos, undefined, { ...node.attrs, json: described });
  });
  if (tr.docChanged) view.dispatch(tr.setMeta(STEP, 'apart'));
}
