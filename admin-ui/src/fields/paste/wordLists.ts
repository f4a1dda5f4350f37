import { STYLED, styleOf } from './quietHtml';
import { declarations } from './styles';

/** An item of a list of Word, which has no lists in its HTML: paragraphs that say in their style which item of which list they are. */
export interface WordItem {
  level: number;
  ordered: boolean;
}

/** How the levels of the lists are numbered: `l0:level1` to whether it counts. From the style sheet that comes with them. */
export function wordNumbering(html: string): Map<string, boolean> {
  const found = new Map<string, boolean>();
  for (const [, list = '', level = '', body = ''] of html.matchAll(
    /@list\s+(l\d+):level(\d+)[^{]{0,40}\{([^}]{0,2000})\}/g,
  ))
    found.set(`${list}:${level}`, !/mso-level-number-format:\s*(?:bullet|image)/i.test(body));
  return found;
}

/** A bullet counts nothing; `1.`, `a)`, `iv.` and `1.2.3` do. */
const COUNTS = /^\(?(?:\d+|[a-z]{1,2}|[ivxlcdm]+)(?:[.)]|(?:\.\d+)+\.?\)?)/i;

/** What a paragraph of Word is in a list; nothing where it is in none. */
export function wordItem(element: Element, numbering: Map<string, boolean>): WordItem | null {
  const list = declarations(styleOf(element) ?? '').get('mso-list');
  // Paragraphs of the styles for lists say it in the style sheet alone.
  const styled = /\bMsoList(Bullet|Number)(\d?)/.exec(element.getAttribute('class') ?? '');
  if (!list && styled) return { level: Math.max(0, Number(styled[2] || 1) - 1), ordered: styled[1] === 'Number' };
  if (!list || /^(?:none|ignore|skip)/i.test(list)) return null;
  const place = /(l\d+)\s+level(\d+)/i.exec(list);
  const level = Math.min(Math.max(Number(place?.[2] ?? 1), 1), 9);
  const marker = markerOf(element)?.textContent?.trim();
  const ordered =
    marker === undefined ? (numbering.get(`${place?.[1]?.toLowerCase()}:${level}`) ?? false) : COUNTS.test(marker);
  return { level: level - 1, ordered };
}

/** The bullet or number of an item, which is written out in its text. */
function markerOf(element: Element): Element | null {
  for (const each of element.querySelectorAll(STYLED)) if (isWordMarker(each)) return each;
  return null;
}

export function isWordMarker(element: Element): boolean {
  const style = styleOf(element);
  return style !== null && /mso-list:\s*ignore/i.test(style);
}
