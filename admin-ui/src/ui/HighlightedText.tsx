import { createContext, type ReactNode, useContext } from 'react';

const Words = createContext('');

/** What was looked for, so that the texts below show where it is. */
export function HighlightWords({ words, children }: { words: string | undefined; children: ReactNode }) {
  return <Words value={words?.trim().toLowerCase() ?? ''}>{children}</Words>;
}

/** Letters before the first place that is marked, where a text is longer than there is room. */
const CONTEXT_CHARS = 24;

/** A text with the places marked that were looked for. Of a long one what is around the first of them. */
export function HighlightedText({ text, most = 200 }: { text: string; most?: number }) {
  const words = useContext(Words);
  const visibleText = excerpt(text, words, most);
  return splitAtMatches(visibleText, words).map((piece, at) => (at % 2 === 1 ? <mark key={at}>{piece}</mark> : piece));
}

/** The part of a text that is shown. */
export function excerpt(text: string, words: string, most: number): string {
  const matchStart = words === '' ? -1 : text.toLowerCase().indexOf(words);
  const from = text.length > most && matchStart > CONTEXT_CHARS ? matchStart - CONTEXT_CHARS : 0;
  const end = from + most;
  return `${from > 0 ? '…' : ''}${text.slice(from, end)}${text.length > end ? '…' : ''}`;
}

/** The text cut at the words: every second piece is one of them. */
export function splitAtMatches(text: string, words: string): string[] {
  const lower = text.toLowerCase();
  // Of letters that change their length with their case, places in one text are not places in the other.
  if (words === '' || lower.length !== text.length) return [text];
  const cut: string[] = [];
  let from = 0;
  for (let at = lower.indexOf(words); at >= 0; at = lower.indexOf(words, from)) {
    cut.push(text.slice(from, at), text.slice(at, at + words.length));
    from = at + words.length;
  }
  return [...cut, text.slice(from)];
}
