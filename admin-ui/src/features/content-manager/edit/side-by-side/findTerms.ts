import { type GlossaryTerm, type GlossaryTerms, wordIn } from '@/api/glossary';

/** A term that stands in a text, with the words of both languages. */
export interface FoundTerm {
  key: string;
  /** As the glossary writes it in the language of the text. */
  source: string;
  /** Likewise in the other language. */
  target: string;
  note?: string | undefined;
  translate: boolean;
}

const WORD = /[\p{L}\p{N}\p{M}_]+/gu;
const WORD_CHARACTER = /[\p{L}\p{N}\p{M}_]/u;
/** Scripts that put no spaces between words: where one ends cannot be seen. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

interface Candidate {
  key: string;
  /** As it is looked for. */
  word: string;
  /** Where its first word begins: `.NET` has a sign before it. */
  offset: number;
}

/** Words of the glossary in one language, by the first word of each. */
interface TermIndex {
  byFirstWord: Map<string, Candidate[]>;
  unspaced: Candidate[];
}

/** The same letters for what reads the same. */
function fold(text: string): string {
  return text.normalize('NFC').toLowerCase().replaceAll(/\s+/g, ' ').replaceAll('’', "'");
}

const indexes = new WeakMap<GlossaryTerms, Map<string, TermIndex>>();

/** An index is made once for the terms of a language: every field looks into it for every key that is typed. */
function indexOf(terms: GlossaryTerms, locale: string): TermIndex {
  let byLocale = indexes.get(terms);
  if (!byLocale) indexes.set(terms, (byLocale = new Map()));
  let index = byLocale.get(locale);
  if (!index) byLocale.set(locale, (index = makeIndex(terms, locale)));
  return index;
}

function makeIndex(terms: GlossaryTerms, locale: string): TermIndex {
  const index: TermIndex = { byFirstWord: new Map(), unspaced: [] };
  for (const [key, term] of Object.entries(terms)) {
    const word = fold(wordIn(term, locale) ?? '');
    const first = word.match(WORD)?.[0];
    if (first === undefined) continue;
    const candidate = { key, word, offset: word.indexOf(first) };
    if (UNSPACED.test(word)) {
      index.unspaced.push(candidate);
      continue;
    }
    const same = index.byFirstWord.get(first);
    if (same) same.push(candidate);
    else index.byFirstWord.set(first, [candidate]);
  }
  // Of two that begin alike the longer one counts: a "delivery note" is no "delivery".
  for (const candidates of index.byFirstWord.values()) candidates.sort((a, b) => b.word.length - a.word.length);
  return index;
}

/** Whether a sign beside an end of a word continues it. */
function continuesWord(side: string | undefined, edge: string): boolean {
  return side !== undefined && WORD_CHARACTER.test(side) && WORD_CHARACTER.test(edge);
}

function isWholeAt(text: string, word: string, at: number): boolean {
  if (at < 0 || !text.startsWith(word, at)) return false;
  const [before, after] = [text[at - 1], text[at + word.length]];
  return !continuesWord(before, word[0] ?? '') && !continuesWord(after, word.at(-1) ?? '');
}

/** The keys of the terms in a text, in the order in which they first come. Whole words in any case; plurals are other words. */
function findKeys(text: string, { byFirstWord, unspaced }: TermIndex): Set<string> {
  const keys = new Set<string>();
  if (byFirstWord.size > 0) {
    let end = 0;
    for (const match of text.matchAll(WORD)) {
      if (match.index < end) continue;
      const found = byFirstWord.get(match[0])?.find(({ word, offset }) => isWholeAt(text, word, match.index - offset));
      if (!found) continue;
      keys.add(found.key);
      end = match.index - found.offset + found.word.length;
    }
  }
  for (const { key, word } of unspaced) if (text.includes(word)) keys.add(key);
  return keys;
}

/** Finds the terms of a text that have a word in another language. */
export function findTerms(text: string, terms: GlossaryTerms, from: string, to: string): FoundTerm[] {
  const found: FoundTerm[] = [];
  for (const key of findKeys(fold(text), indexOf(terms, from))) {
    const term = terms[key] as GlossaryTerm;
    const target = wordIn(term, to);
    if (target === undefined) continue;
    found.push({ key, source: wordIn(term, from) ?? '', target, note: term.note, translate: term.translate });
  }
  return found;
}

/** Whether a translation has the word of the glossary. Endings are free, as languages inflect and compound: "afleveringen" has "aflevering". */
function hasWord(text: string, word: string): boolean {
  if (UNSPACED.test(word)) return text.includes(word);
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!continuesWord(text[at - 1], word[0] ?? '')) return true;
  }
  return false;
}

/** Those of the terms whose word is missing in the translation. A text that is not translated yet lacks none. */
export function findMissing(translation: string, found: readonly FoundTerm[]): FoundTerm[] {
  const text = fold(translation);
  return text.trim() === '' ? [] : found.filter(({ target }) => !hasWord(text, fold(target)));
}
