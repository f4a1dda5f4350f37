import { type RefObject, Suspense, useEffect, useRef } from 'react';
import { lazyPart } from '@/ui/lazyPart';
import type { MediaItem } from '../form/values';
import { prepareConverter } from '../paste/converter';
import type { InputProps } from '../types';
import { useMarkdownPaste } from './useMarkdownPaste';

const PastePanel = lazyPart(() => import('../paste/PastePanel'));

/** Asks for the alternative text of a picture; `written` is how it stands in the text. */
export type AskAlt = (file: Pick<MediaItem, 'name' | 'url' | 'documentId'> & { written: string }) => void;

interface PasteSupportProps {
  field: Pick<InputProps<string | null>, 'name' | 'value' | 'onChange'>;
  area: RefObject<HTMLTextAreaElement | null>;
  onReady: (ask: AskAlt) => void;
}

/** Takes what is pasted into Markdown, brings its pictures into the library, and says below the text what was not kept. */
export default function PasteSupport({ field, area, onReady }: PasteSupportProps) {
  const paste = useMarkdownPaste(field, area);
  const latest = useRef(paste);
  useEffect(() => {
    latest.current = paste;
  });
  useEffect(() => onReady((file) => latest.current.ask(file)), [onReady]);
  useEffect(() => {
    const element = area.current;
    if (!element) return undefined;
    const stop = new AbortController();
    const { signal } = stop;
    element.addEventListener('paste', (event) => latest.current.onPaste(event), { signal });
    element.addEventListener('drop', (event) => latest.current.onDrop(event), { signal });
    element.addEventListener('keydown', (event) => latest.current.onKeyDown(event), { signal });
    element.addEventListener('focus', prepareConverter, { signal });
    // Or the browser opens the file in place of the page.
    element.addEventListener(
      'dragover',
      (event) => {
        if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
      },
      { signal },
    );
    return () => stop.abort();
  }, [area]);
  return (
    <Suspense>
      {(paste.notice !== null || paste.images.images.length > 0) && (
        <PastePanel notice={paste.notice} onDismiss={paste.dismissNotice} images={paste.images} />
      )}
    </Suspense>
  );
}
