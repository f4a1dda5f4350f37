import { isOneEditAway } from './edits';

/** How well words fit a text: 0 not at all; the start of the text counts most, then the start of a word, then anywhere. */
export function matchScore(query: string, label: string, more = ''): number {
  let text = normaliseText(label);
  const rest = normaliseText(more);
  let total = 0;
  for (const word of queryWords(query)) {
    const at = text.indexOf(word);
    if (at === 0) total += 4;
    else if (at > 0) total += /\W/.test(text[at - 1] ?? '') ? 3 : 2;
    else if (rest.includes(word)) total += 1;
    else return 0;
    // Each word has a part of its own: “new news” is “New News” rather than “News”.
    if (at >= 0) text = text.slice(0, at) + TAKEN.repeat(word.length) + text.slice(at + word.length);
  }
  return total;
}

/** Stands where a word has been found, and is in no word. */
const TAKEN = '\0';

/** Letters from which on a word may have one wrong: shorter ones are like too many others. */
const MIN_TYPO_CHARS = 4;

/** How well words fit a text of which each may be one letter off: 0 not at all. Their beginnings are enough, as one is still typing. */
export function alikeScore(query: string, label: string, more = ''): number {
  const labelWords = wordsOf(label);
  const moreWords = wordsOf(more);
  let total = 0;
  for (const word of queryWords(query)) {
    const [best, at] = bestOf(word, labelWords);
    if (best > 0) {
      total += 1 + best;
      labelWords.splice(at, 1);
    } else if (bestOf(word, moreWords)[0] > 0) total += 1;
    else return 0;
  }
  return total;
}

/** How much a word is like the one of others that it is most like, and which that is. */
function bestOf(word: string, others: readonly string[]): [likeness: number, at: number] {
  const scores = others.map((other) => likeness(word, other));
  const best = Math.max(0, ...scores);
  return [best, scores.indexOf(best)];
}

/** 0 where a word does not begin with another, with one letter wrong at most; least where it has one letter too many. */
function likeness(word: string, other: string): number {
  if (other.startsWith(word)) return 3;
  if (word.length < MIN_TYPO_CHARS) return 0;
  const beginnings = [1, 0, -1].map((more) => other.slice(0, word.length + more));
  const alike = beginnings.filter((beginning) => isOneEditAway(word, beginning));
  return alike.length === 0 ? 0 : alike.some((beginning) => beginning.length >= word.length) ? 2 : 1;
}

/** The words that are looked for, the longest first: a shorter one may be in it. */
function queryWords(query: string): string[] {
  return normaliseText(query)
    .split(/\s+/)
    .filter(Boolean)
    .toSorted((a, b) => b.length - a.length);
}

function wordsOf(text: string): string[] {
  return normaliseText(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

/** Without accents and capitals: whoever looks for `cafe` finds `Café`. */
function normaliseText(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}
