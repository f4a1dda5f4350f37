import type { Editor } from '@tiptap/core';
import type { Node as PmNode } from '@tiptap/pm/model';
import { Suspense, useEffect, useRef, useState } from 'react';
import { readFile } from '@/api/files';
import { lazyPart } from '@/ui/lazyPart';
import type { Clip } from '../paste/clipboard';
import { loadConverter, prepareConverter } from '../paste/converter';
import { noticeOf, type PasteNotice } from '../paste/notice';
import { useTextImages } from '../paste/useTextImages';
import {
  addPlaces,
  describeImages,
  type EditorTools,
  hasPlace,
  insertArrived,
  insertPasted,
  pasteIntoCode,
  pasteLink,
  removePlace,
} from './insertPasted';

const PastePanel = lazyPart(() => import('../paste/PastePanel'));

/** What the editor's keys and events ask for. */
export interface PasteHandlers {
  take: (clip: Clip, at: number | null) => Promise<void>;
  /** Takes back pictures that are on their way; `false` where there are none. */
  undo: () => boolean;
  stop: (gone: readonly number[]) => void;
}

/** Takes what is pasted, brings its pictures into the library, and says below the text what was not kept. */
export default function PasteSupport({
  editor,
  tools,
  onReady,
}: {
  editor: Editor;
  tools: EditorTools;
  onReady: (handlers: PasteHandlers | null) => void;
}) {
  const [notice, setNotice] = useState<PasteNotice | null>(null);
  // The last paste of pictures, the text before it, and whether it has changed the text yet: taking it back takes all of it back.
  const pasted = useRef<{ keys: number[]; before: PmNode; changed: boolean } | null>(null);
  const files = useRef(new Map<number, unknown>());
  const images = useTextImages({
    arrive: async (key, asset) => {
      // Blocks hold a copy of all that is known of a file.
      const image = await readFile(asset.id);
      files.current.set(key, asset.id);
      const last = pasted.current?.keys.includes(key) ? pasted.current : null;
      const step = last?.changed ? 'follow' : 'apart';
      if (last) last.changed = true;
      return insertArrived(tools, editor, key, image, step);
    },
    describe: (key, alt) => describeImages(tools, editor, files.current.get(key), alt),
    forget: (key) => removePlace(tools, editor, key),
  });
  useEffect(() => {
    const take = async (clip: Clip, at: number | null) => {
      setNotice(null);
      if (at === null && (pasteLink(tools, editor, clip) || pasteIntoCode(tools, editor, clip))) return;
      try {
        const { convert, toBlocks, TooMuchToPaste } = await loadConverter();
        try {
          const read = await convert(clip, { target: 'blocks', origin: location.origin });
          if (editor.isDestroyed) return;
          const { nodes, images: found, dropped } = toBlocks(read);
          const before = editor.state.doc;
          const { changed, places: spots } = insertPasted(tools, editor, nodes, at);
          setNotice(noticeOf(dropped));
          const added = images.add(found);
          if (added.length === 0) return;
          pasted.current = { keys: added, before, changed };
          addPlaces(
            tools,
            editor,
            added.map((key, index) => ({
              key,
              pos: spots[index] ?? editor.state.doc.content.size,
              name: found[index]?.alt ?? '',
            })),
          );
        } catch (cause) {
          setNotice({ kind: cause instanceof TooMuchToPaste ? 'tooMuch' : 'unreadable' });
        }
      } catch {
        setNotice({ kind: 'unreadable' });
      }
    };
    const undo = () => {
      const last = pasted.current;
      // Pictures alone have not changed the text yet.
      if (!last || last.changed || editor.state.doc !== last.before) return false;
      const waiting = last.keys.filter((key) => hasPlace(tools, editor, key));
      pasted.current = null;
      waiting.forEach(images.stop);
      return waiting.length > 0;
    };
    const look = () => {
      const last = pasted.current;
      if (!last?.changed || !editor.state.doc.eq(last.before)) return;
      pasted.current = null;
      last.keys.filter((key) => hasPlace(tools, editor, key)).forEach(images.stop);
    };
    onReady({ take, undo, stop: (gone) => gone.forEach(images.stop) });
    editor.on('transaction', look);
    editor.on('focus', prepareConverter);
    if (editor.isFocused) prepareConverter();
    return () => {
      onReady(null);
      editor.off('transaction', look);
      editor.off('focus', prepareConverter);
    };
  }, [editor, tools, images, onReady]);

  return (
    <Suspense>
      {(notice !== null || images.images.length > 0) && (
        <PastePanel notice={notice} onDismiss={() => setNotice(null)} images={images} />
      )}
    </Suspense>
  );
}
