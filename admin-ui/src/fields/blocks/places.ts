import { type EditorState, Plugin, PluginKey } from '@tiptap/pm/state';
import { Decoration, DecorationSet } from '@tiptap/pm/view';

/** Where a picture will be that is on its way to the library. */
export interface Place {
  key: number;
  pos: number;
  name: string;
}

/** The meta key that says how a change is taken back in the form: see `useSteps`. */
export const STEP = 'cairn-step';

interface Places {
  list: readonly Place[];
  /** Keys of places whose text was deleted just now. */
  lost: readonly number[];
}

export const placesKey = new PluginKey<Places>('cairn-places');

export interface PlacesChange {
  add?: Place[];
  remove?: number;
}

/** Shows where pictures will be. Places move with the text; `lost` receives the keys of those whose text was deleted. */
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

export function placesOf(state: EditorState): readonly Place[] {
  return placesKey.getState(state)?.list ?? [];
}

function placeholder(text: string): HTMLElement {
  const box = document.createElement('div');
  box.dataset.unknown = '';
  box.contentEditable = 'false';
  box.textContent = text;
  return box;
}
