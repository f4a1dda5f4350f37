import { parse, unparse } from 'papaparse';
import { type GlossaryTerm, type GlossaryTerms, wordIn } from '@/api/glossary';
import { newTermKey } from './termKey';

const [KEY, NOTE, TRANSLATE] = ['key', 'note', 'translate'] as const;

/** Signs with which a spreadsheet begins a formula. A word with one in front is written, and read, with an apostrophe before it. */
const FORMULA = /^[=+\-@\t\r]/;

/** How a word is compared. */
function fold(word: string): string {
  return word.trim().toLowerCase();
}

/** The terms as a table: a row for each, a column for each language. Spreadsheets read the mark in front as UTF-8. */
export function toCsv(terms: GlossaryTerms, locales: readonly string[]): string {
  const rows = Object.entries(terms).map(([key, term]) => [
    key,
    ...locales.map((locale) => term.words[locale] ?? ''),
    term.note ?? '',
    term.translate ? '' : 'no',
  ]);
  const fields = [KEY, ...locales, NOTE, TRANSLATE];
  return `\uFEFF${unparse({ fields, data: rows }, { escapeFormulae: FORMULA })}\r\n`;
}

/** The rows of a table with commas, semicolons or tabs between its cells. */
function readRows(text: string): string[][] {
  const { data } = parse<string[]>(text, { skipEmptyLines: 'greedy', delimitersToGuess: [',', ';', '\t'] });
  return data.map((cells) => cells.map((cell) => readCell(cell.trim())));
}

function readCell(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell;
}

/** What a table of terms would change. */
export interface TermImport {
  changes: Record<string, GlossaryTerm>;
  added: number;
  changed: number;
  /** Rows without a word in any language of the site, by their numbers. */
  skipped: number[];
}

/** Why a table cannot be read: none of its columns is a language of the site. */
type ImportProblem = 'noLanguage';

/**
 * Reads a table of terms. A row is a term that is there if it has its key, or its word in the first of its languages that the term has one in; otherwise
 * it is a new one. Languages without a column stay.
 */
export function readCsv(text: string, terms: GlossaryTerms, locales: readonly string[]): TermImport | ImportProblem {
  const [head = [], ...rows] = readRows(text);
  const columns = head.map((name) => {
    const plain = name.toLowerCase();
    return locales.find((locale) => locale.toLowerCase() === plain) ?? plain;
  });
  const languages = columns.filter((name) => locales.includes(name));
  if (languages.length === 0) return 'noLanguage';
  const known = new Map<string, string>();
  for (const [key, term] of Object.entries(terms)) {
    for (const locale of languages) {
      const word = wordIn(term, locale);
      if (word !== undefined) known.set(`${locale} ${fold(word)}`, key);
    }
  }
  const found: TermImport = { changes: {}, added: 0, changed: 0, skipped: [] };
  rows.forEach((cells, at) => {
    const cellOf = (name: string) => (columns.includes(name) ? (cells[columns.indexOf(name)] ?? '') : undefined);
    const words = Object.fromEntries(languages.map((locale) => [locale, cellOf(locale) ?? '']));
    const first = languages.find((locale) => words[locale]);
    if (first === undefined) {
      found.skipped.push(at + 2);
      return;
    }
    const named = cellOf(KEY);
    const key =
      (named && /^[a-z0-9-]{1,60}$/.test(named) ? named : undefined) ??
      known.get(`${first} ${fold(words[first] ?? '')}`) ??
      newTermKey(words[first] ?? '');
    const before = found.changes[key] ?? terms[key];
    const note = cellOf(NOTE) ?? before?.note;
    const translate = cellOf(TRANSLATE);
    const all = { ...before?.words, ...words };
    const term: GlossaryTerm = {
      words: Object.fromEntries(Object.entries(all).filter(([, word]) => word !== '')),
      ...(note ? { note } : {}),
      translate: translate === undefined ? (before?.translate ?? true) : !/^(?:no|nee|false|0)$/i.test(translate),
    };
    if (before && sameTerm(before, term)) return;
    if (!(key in found.changes)) found[key in terms ? 'changed' : 'added'] += 1;
    found.changes[key] = term;
    for (const locale of languages) if (words[locale]) known.set(`${locale} ${fold(words[locale])}`, key);
  });
  return found;
}

function sameTerm(a: GlossaryTerm, b: GlossaryTerm): boolean {
  const locales = new Set([...Object.keys(a.words), ...Object.keys(b.words)]);
  return (
    a.note === b.note && a.translate === b.translate && [...locales].every((code) => a.words[code] === b.words[code])
  );
}
