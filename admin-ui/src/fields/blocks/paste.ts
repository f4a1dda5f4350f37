import { Plugin, PluginKey } from '@tiptap/pm/state';
import { type Clip, PlainPasteKey, readClip } from '../paste/clipboard';

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
          take(clip, null);
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

/** Whether it was copied from an editor like this one. Others that are made with ProseMirror have HTML lists and tables, which this one has not. */
function isOwn({ html }: Clip): boolean {
  return /\sdata-pm-slice=/.test(html) && !/<(?:li|ul|ol|table|td)[\s>]/i.test(html);
}
