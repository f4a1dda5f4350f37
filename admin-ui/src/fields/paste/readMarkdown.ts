import { marked } from 'marked';
import type { PastedDocument } from './document';
import { readHtml } from './readHtml';
import type { ImageHints } from './readImage';

/** How surely a sign says that a text is Markdown; two points are enough. */
const SIGNS: readonly [points: number, sign: RegExp][] = [
  // A heading has a line of its own; a comment of a script has code below it.
  [2, /(?:^|\n)#{1,6} \S[^\n]*(?:\n[^\S\n]*\n|\s*$)/],
  [2, /(?:^|\n) {0,3}(?:```|~~~)[^\n]*\n[^]*?\n {0,3}(?:```|~~~)/],
  [2, /(?:^|\n)[^\S\n]*\|?[^\n]*\|[^\n]*\n[^\S\n]*\|?[^\S\n]*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*(?:\n|$)/],
  [2, /!?\[[^\]\n]+\]\((?:https?:|mailto:|\/)[^)\s]*(?: "[^"\n]*")?\)/],
  [2, /(?:^|\n)[^\S\n]*[-*+] \S[^\n]*\n(?:[^\S\n]*\n)?[^\S\n]*[-*+] \S/],
  [2, /(?:^|\n)[^\S\n]*\d{1,3}[.)] \S[^\n]*\n(?:[^\S\n]*\n)?[^\S\n]*\d{1,3}[.)] \S/],
  [2, /(?:^|[\s(])\*\*[^\s*](?:[^*\n]*[^\s*])?\*\*(?=[\s.,;:!?)]|$)/],
  [1, /(?:^|[\s(])`[^`\n]+`(?=[\s.,;:!?)]|$)/],
  [1, /(?:^|[\s(])_[^\s_](?:[^_\n]*[^\s_])?_(?=[\s.,;:!?)]|$)/],
  [1, /(?:^|\n)> \S/],
  [1, /(?:^|\n)[^\S\n]*[-*+] (?:\[[ x]\] )?\S/],
  [1, /(?:^|\n) {0,3}(?:-{3,}|\*{3,})\s*(?:\n|$)/],
];

/** Number of characters of a long text that are checked for signs. */
const LOOKED_AT = 50_000;

/** Whether somebody wrote a text as Markdown. */
export function looksLikeMarkdown(text: string): boolean {
  const start = text.slice(0, LOOKED_AT).replaceAll('\r\n', '\n');
  let points = 0;
  for (const [worth, sign] of SIGNS) {
    if (sign.test(start)) points += worth;
    if (points >= 2) return true;
  }
  return false;
}

/** Reads Markdown. HTML in it is read as other HTML is. */
export function readMarkdown(text: string, hints: ImageHints): Generator<void, PastedDocument> {
  const html = marked.parse(text.replaceAll('\r\n', '\n'), { async: false, gfm: true });
  return readHtml(html, hints, 'markdown');
}
