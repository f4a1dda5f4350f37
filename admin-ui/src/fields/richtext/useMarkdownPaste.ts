import { type RefObject, useEffect, useRef, useState } from 'react';
import type { MediaItem } from '../form/values';
import { addressOf } from '../paste/address';
import { type Clip, PlainPasteKey, readClip } from '../paste/clipboard';
import { loadConverter } from '../paste/converter';
import { noticeOf, type PasteNotice } from '../paste/notice';
import { type Step, useSteps } from '../paste/useSteps';
import { useTextImages } from '../paste/useTextImages';
import type { InputProps } from '../types';
import { insertPart, insertText, isInCode, moveOffset, type TextSelection } from './edits';

/** Longest text that is pasted, in characters. */
const MAX_TEXT = 1_000_000;

/** Where a picture will be that is on its way to the library. */
interface Place {
  offset: number;
  /** In a line, not as a part of its own. */
  inline: boolean;
}

/** What is pasted and dropped into the source of Markdown: text as it is, all else as Markdown, pictures as files of the library. */
export function useMarkdownPaste(
  props: Pick<InputProps<string | null>, 'name' | 'value' | 'onChange'>,
  area: RefObject<HTMLTextAreaElement | null>,
) {
  const change = useSteps(props);
  const [notice, setNotice] = useState<PasteNotice | null>(null);
  const [plain] = useState(() => new PlainPasteKey());
  const text = props.value ?? '';
  const places = useRef(new Map<number, Place>());
  /** How pictures stand in the text that are to be described. */
  const written = useRef(new Map<number, string>());
  /** The last paste of pictures. */
  const pasted = useRef<{ keys: number[]; before: string; changed: boolean } | null>(null);
  // The text as the places know it.
  const known = useRef(text);

  const write = (next: string, step: Step) => {
    known.current = next;
    change(next === '' ? null : next, step);
  };
  const edit = (make: (selected: TextSelection) => TextSelection) => {
    const element = area.current;
    if (!element) return;
    const before = element.value;
    const selected = { text: before, from: element.selectionStart, to: element.selectionEnd };
    const next = make(selected);
    movePlaces(places.current, before, next.text);
    write(next.text, 'apart');
    requestAnimationFrame(() => {
      element.focus();
      element.setSelectionRange(next.from, next.to);
    });
    return next;
  };
  const images = useTextImages({
    arrive: (key, asset, alt) => {
      const place = places.current.get(key);
      places.current.delete(key);
      if (!place || !asset.url) return false;
      const picture = imageSource(alt, asset.url);
      written.current.set(key, picture);
      const before = known.current;
      const at = { text: before, from: place.offset, to: place.offset };
      const next = place.inline ? insertText(at, picture) : insertPart(at, picture);
      const inserted = next.text.length - before.length;
      // Pictures at one place stand in the order in which they were pasted.
      for (const [other, each] of places.current)
        if (each.offset > place.offset || (each.offset === place.offset && other > key))
          places.current.set(other, { ...each, offset: each.offset + inserted });
      keepSelection(area.current, place.offset, inserted);
      const last = pasted.current?.keys.includes(key) ? pasted.current : null;
      const step = last?.changed ? 'follow' : 'apart';
      if (last) last.changed = true;
      write(next.text, step);
      return true;
    },
    describe: (key, alt) => {
      const old = written.current.get(key);
      const url = /\]\(([^)]*)\)$/.exec(old ?? '')?.[1];
      if (!old || url === undefined || !known.current.includes(old)) return;
      const next = known.current.replace(old, () => imageSource(alt, url));
      movePlaces(places.current, known.current, next);
      write(next, 'apart');
    },
    forget: (key) => places.current.delete(key),
  });

  // What was typed, or came from elsewhere: places move along, and go with the text around them.
  useEffect(() => {
    if (text === known.current) return;
    const before = known.current;
    known.current = text;
    const last = pasted.current;
    const undone = last?.changed && text === last.before ? last.keys : [];
    if (undone.length > 0) pasted.current = null;
    for (const key of [
      ...undone.filter((each) => places.current.has(each)),
      ...movePlaces(places.current, before, text),
    ])
      images.stop(key);
  }, [text, images]);

  const take = async (clip: Clip) => {
    setNotice(null);
    try {
      const { convert, toMarkdown, TooMuchToPaste } = await loadConverter();
      try {
        const read = toMarkdown(await convert(clip, { target: 'markdown', origin: location.origin }));
        const element = area.current;
        if (!element) return;
        const before = element.value;
        let start = element.selectionStart;
        if (read.text !== '') {
          const next = edit((selected) =>
            read.inline ? insertText(selected, read.text) : insertPart(selected, read.text),
          );
          // The text stands behind the blank lines that it was given.
          start = next ? next.to - read.text.length : start;
        }
        setNotice(noticeOf(read.dropped));
        const keys = images.add(read.images.map(({ image }) => image));
        keys.forEach((key, index) =>
          places.current.set(key, { offset: start + (read.images[index]?.offset ?? 0), inline: read.text === '' }),
        );
        if (keys.length > 0) pasted.current = { keys, before, changed: known.current !== before };
      } catch (cause) {
        setNotice({ kind: cause instanceof TooMuchToPaste ? 'tooMuch' : 'unreadable' });
      }
    } catch {
      setNotice({ kind: 'unreadable' });
    }
  };

  return {
    images,
    notice,
    dismissNotice: () => setNotice(null),
    /** Asks for the alternative text of a picture that was chosen. */
    ask: ({ written: source, ...file }: Pick<MediaItem, 'name' | 'url' | 'documentId'> & { written: string }) => {
      written.current.set(images.ask(file), source);
    },
    /** Handles a key; returns true if nothing else should. */
    onKeyDown: (event: KeyboardEvent): boolean => {
      plain.keydown(event);
      const undo =
        (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'z';
      const last = pasted.current;
      // Pictures alone have not changed the text yet: taking them back stops them.
      if (!undo || !last || last.changed || known.current !== last.before) return false;
      const waiting = last.keys.filter((key) => places.current.has(key));
      pasted.current = null;
      if (waiting.length === 0) return false;
      event.preventDefault();
      waiting.forEach(images.stop);
      return true;
    },
    onPaste: (event: ClipboardEvent) => {
      const element = area.current;
      if (!element || !event.clipboardData) return;
      const clip = readClip(event.clipboardData, plain.take());
      const selected = element.value.slice(element.selectionStart, element.selectionEnd);
      const address = clip.files.length === 0 && !clip.plain ? addressOf(clip.text) : null;
      event.preventDefault();
      if (address && selected.trim() !== '' && !selected.includes('\n') && !addressOf(selected)) {
        edit((s) => insertText(s, `[${selected.replaceAll(/(?<!\\)\]/g, '\\]')}](${linkTarget(address)})`));
        return;
      }
      const formatted =
        clip.html !== '' && clip.codeLanguage !== 'markdown' && !isInCode(element.value, element.selectionStart);
      if (formatted || (clip.files.length > 0 && clip.text === '')) {
        void take(clip);
        return;
      }
      // Source is what it is.
      setNotice(clip.text.length > MAX_TEXT ? { kind: 'tooMuch' } : null);
      if (clip.text.length <= MAX_TEXT) edit((s) => insertText(s, clip.text.replaceAll(/\r\n?/g, '\n')));
    },
    onDrop: (event: DragEvent) => {
      if (!event.dataTransfer || event.dataTransfer.files.length === 0) return;
      event.preventDefault();
      void take({ ...readClip(event.dataTransfer), html: '', text: '' });
    },
  };
}

function imageSource(alt: string, url: string): string {
  return `![${alt.replaceAll(/\s+/g, ' ').replaceAll(/[[\]\\]/g, '')}](${linkTarget(url)})`;
}

/** Moves places along with the text; returns the keys of those whose text is gone. */
function movePlaces(places: Map<number, Place>, before: string, after: string): number[] {
  const lost: number[] = [];
  for (const [key, place] of places) {
    const offset = moveOffset(before, after, place.offset);
    if (offset === null) lost.push(key);
    else places.set(key, { ...place, offset });
  }
  return lost;
}

/** An address between parentheses. */
function linkTarget(url: string): string {
  return url.replaceAll('(', '%28').replaceAll(')', '%29').replaceAll(/\s/g, '%20');
}

/** The cursor stays at its words when something is put in before it. */
function keepSelection(element: HTMLTextAreaElement | null, at: number, inserted: number): void {
  if (!element) return;
  const { selectionStart, selectionEnd } = element;
  const shift = (place: number) => (place >= at ? place + inserted : place);
  requestAnimationFrame(() => {
    // Not focused: whoever writes elsewhere goes on there.
    if (document.activeElement === element) element.setSelectionRange(shift(selectionStart), shift(selectionEnd));
  });
}
