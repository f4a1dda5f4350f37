import { keptLink } from './address';
import {
  DroppedNotes,
  type Inline,
  type PastedBlock,
  type PastedDocument,
  type PasteSource,
  plainText,
  type Run,
} from './document';
import { finishBlocks, type ReadRun } from './finish';
import { imageOf, type ImageHints } from './readImage';
import { quietHtml, styleOf } from './quietHtml';
import { codeOf, languageOf } from './readCode';
import { rowsOf } from './readTable';
import { textStyle } from './styles';
import { isWordMarker, wordItem, wordNumbering } from './wordLists';

/** What applies at the place that is read. */
interface Context {
  look: Omit<ReadRun, 'text'>;
  preformatted: boolean;
  /** Kinds of the lists around it, the outermost first. */
  lists: readonly boolean[];
  item: OpenItem | null;
  quote: boolean;
  heading: number | null;
  depth: number;
}

type Item = Extract<PastedBlock, { kind: 'item' }>;

/** An item of a list; `block` is not in the text until there is something in it. */
interface OpenItem {
  block: Item;
  placed: boolean;
}

/** Deeper than any program nests; what is beyond is read as text. */
const MAX_DEPTH = 200;

const BLOCKS = new Set(
  'address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html li main nav ol p pre section summary table tbody tfoot thead tr ul'.split(
    ' ',
  ),
);
/** Nothing in them is text. */
const IGNORED = new Set('script style noscript template head title meta link base xml colgroup col'.split(' '));
const EMBEDS = new Set('iframe frame object embed applet video audio portal'.split(' '));
const CONTROLS = new Set('input select textarea button datalist meter progress'.split(' '));
const DRAWINGS = new Set(['canvas', 'math', 'm:omath']);

const TAG_LOOKS: Record<string, Omit<Run, 'text'>> = {
  b: { bold: true },
  strong: { bold: true },
  i: { italic: true },
  em: { italic: true },
  u: { underline: true },
  ins: { underline: true },
  s: { strikethrough: true },
  del: { strikethrough: true },
  strike: { strikethrough: true },
  code: { code: true },
  kbd: { code: true },
  samp: { code: true },
  tt: { code: true },
};

const OFFICE: readonly PasteSource[] = ['googleDocs', 'word', 'wordOnline', 'libreOffice'];

/** Where HTML comes from, by what each program alone writes. */
export function sourceOf(html: string): PasteSource {
  const start = html.slice(0, 200_000);
  if (/id=["']?docs-internal-guid/i.test(start)) return 'googleDocs';
  if (/class=["'][^"']*\b(?:OutlineElement|TextRun|SCXW\d+)/.test(start)) return 'wordOnline';
  if (
    /urn:schemas-microsoft-com:office|\bclass=["']?Mso|style=["'][^"']*\bmso-|content=["']?(?:Word\.Document|Microsoft Word)/i.test(
      start,
    )
  )
    return 'word';
  return /content=["'](?:LibreOffice|OpenOffice)/i.test(start) ? 'libreOffice' : 'web';
}

/**
 * Reads HTML as what it says, into a document of few kinds of parts: whatever is not one of these is not in it. The HTML itself is read into a document
 * of its own, in which nothing runs and nothing is loaded, and is never put into the page. Yields after each part, so that a long reading can pause.
 */
export function* readHtml(html: string, hints: ImageHints, known?: PasteSource): Generator<void, PastedDocument> {
  const source = known ?? sourceOf(html);
  const parsed = new DOMParser().parseFromString(quietHtml(html), 'text/html');
  yield;
  const dropped = new DroppedNotes();
  const reader = new HtmlReader(source, dropped, hints, source === 'word' ? wordNumbering(html) : new Map());
  yield* reader.read(parsed.body);
  return { source, blocks: finishBlocks(reader.blocks, OFFICE.includes(source)), dropped: dropped.list() };
}

class HtmlReader {
  readonly blocks: PastedBlock[] = [];
  #open: Inline | null = null;

  constructor(
    readonly source: PasteSource,
    readonly dropped: DroppedNotes,
    readonly hints: ImageHints,
    readonly numbering: Map<string, boolean>,
  ) {}

  *read(root: Element): Generator<void> {
    const start = { look: {}, preformatted: false, lists: [], item: null, quote: false, heading: null, depth: 0 };
    yield* this.#children(root, start);
    this.#close();
  }

  *#children(parent: Element, context: Context): Generator<void> {
    for (let node = parent.firstChild; node; node = node.nextSibling) {
      if (node.nodeType === 3) this.#text(isBlankOfBrowser(node, parent) ? ' ' : (node.nodeValue ?? ''), context);
      else if (node.nodeType === 1) yield* this.#element(node as Element, context);
    }
  }

  *#element(element: Element, around: Context): Generator<void> {
    const tag = element.localName.toLowerCase();
    if (IGNORED.has(tag) || this.#isLeftOut(element, tag)) return;
    if (around.depth > MAX_DEPTH) {
      this.#text(element.textContent ?? '', around);
      return;
    }
    if (tag === 'br') {
      this.#lineBreak(around);
      return;
    }
    if (tag === 'img') {
      this.#image(element, around);
      return;
    }
    const context = this.#inside(element, tag, around);
    if (!BLOCKS.has(tag) && element.getAttribute('role') !== 'heading' && !element.hasAttribute('data-list-item')) {
      yield* this.#children(element, context);
      return;
    }
    this.#close();
    yield* this.#block(element, tag, context);
    this.#close();
    yield;
  }

  /** What cannot be text, noted where somebody would miss it. */
  #isLeftOut(element: Element, tag: string): boolean {
    if (EMBEDS.has(tag)) {
      this.dropped.add('embed');
      return true;
    }
    if (CONTROLS.has(tag)) {
      // The box of a task belongs to its item.
      if (!(tag === 'input' && element.closest('li'))) this.dropped.add('control');
      return true;
    }
    if (DRAWINGS.has(tag)) {
      this.dropped.add('drawing');
      return true;
    }
    // An icon nobody misses; a drawing with a name says something.
    if (tag === 'svg') {
      if (element.getAttribute('role') === 'img') this.dropped.add('drawing');
      return true;
    }
    if (element.hasAttribute('hidden')) return true;
    const style = styleOf(element);
    if (style === null) return false;
    if (isWordMarker(element)) return true;
    if (/mso-element:\s*comment/i.test(style) || /\bMsoComment/.test(element.getAttribute('class') ?? '')) {
      this.dropped.add('comment');
      return true;
    }
    return textStyle(style).hidden === true;
  }

  /** The look and place inside an element. */
  #inside(element: Element, tag: string, around: Context): Context {
    const style = textStyle(styleOf(element) ?? '');
    const look = { ...around.look, ...TAG_LOOKS[tag] };
    const block = BLOCKS.has(tag);
    if (style.bold !== undefined) look.bold = style.bold;
    if (style.italic !== undefined) look.italic = style.italic;
    if (style.underline !== undefined) look.underline = style.underline;
    if (style.strikethrough !== undefined) look.strikethrough = style.strikethrough;
    // The font of a page is not what it says; that of a word in a written document is.
    if (style.monospace !== undefined) look.monospace = style.monospace;
    const face = tag === 'font' ? element.getAttribute('face') : null;
    if (face) look.monospace = textStyle(`font-family:${face}`).monospace ?? false;
    if (tag === 'sup' || tag === 'sub' || style.raised) look.raised = true;
    const colour = tag === 'font' ? element.getAttribute('color') : null;
    if (style.coloured || (colour && textStyle(`color:${colour}`).coloured)) look.coloured = true;
    if (tag === 'mark') look.coloured = true;
    if (tag === 'a') this.#link(element, look);
    if (look.link) look.underline = look.coloured = false;
    return {
      ...around,
      look,
      preformatted: style.preformatted ?? (block && tag !== 'li' ? false : around.preformatted),
      depth: around.depth + 1,
    };
  }

  #link(element: Element, look: Context['look']): void {
    const href = element.getAttribute('href');
    if (!href) return;
    const kept = keptLink(href, this.source === 'markdown');
    if (kept) look.link = kept;
    else if (href.startsWith('#')) this.dropped.add('localLink');
    else this.dropped.add('unsafeLink');
  }

  *#block(element: Element, tag: string, context: Context): Generator<void> {
    const level = headingLevel(element, tag);
    if (level !== null) {
      yield* this.#children(element, { ...context, item: null, heading: level });
      return;
    }
    const word = this.source === 'word' ? wordItem(element, this.numbering) : null;
    if (word) {
      yield* this.#children(element, { ...context, item: newItem(word.level, word.ordered) });
      return;
    }
    switch (tag) {
      case 'ul':
      case 'ol':
        yield* this.#children(element, { ...context, lists: [...context.lists, tag === 'ol'] });
        return;
      case 'li':
        yield* this.#children(element, { ...context, item: itemOf(element, context.lists) });
        return;
      case 'pre':
        this.#code(element);
        return;
      case 'blockquote':
        yield* this.#children(element, { ...context, quote: true });
        return;
      case 'hr':
        this.blocks.push({ kind: 'rule' });
        return;
      case 'table':
        yield* this.#table(element, context);
        return;
      default:
    }
    if (element.hasAttribute('data-list-item')) {
      // Copied from the editor of blocks.
      const ordered = element.getAttribute('data-format') === 'ordered';
      const item = newItem(Number(element.getAttribute('data-level')) || 0, ordered);
      yield* this.#children(element, { ...context, item });
      return;
    }
    const style = textStyle(styleOf(element) ?? '');
    // What code editors copy: lines in elements that keep their blanks.
    if (this.source === 'web' && style.monospace && style.preformatted) {
      this.#code(element);
      return;
    }
    yield* this.#children(element, { ...context, quote: context.quote || isQuote(element) });
  }

  #code(element: Element): void {
    const text = codeOf(element);
    if (text.trim() !== '') this.blocks.push({ kind: 'code', text, language: languageOf(element) });
  }

  *#table(table: Element, context: Context): Generator<void> {
    const { rows, header, merged } = rowsOf(table);
    const only = rows.length === 1 && rows[0]?.length === 1 ? rows[0][0] : undefined;
    if (only || ['presentation', 'none'].includes(table.getAttribute('role') ?? '')) {
      // A frame around text.
      for (const cell of rows.flat()) {
        if (cell) yield* this.#children(cell, context);
        this.#close();
      }
      return;
    }
    if (merged) this.dropped.add('mergedCells');
    const caption = [...table.children].find((child) => child.localName === 'caption');
    if (caption) {
      yield* this.#children(caption, context);
      this.#close();
    }
    const read: Inline[][] = [];
    const images: PastedBlock[] = [];
    for (const row of rows) {
      const cells: Inline[] = [];
      for (const cell of row) {
        const inner = new HtmlReader(this.source, this.dropped, this.hints, this.numbering);
        if (cell) yield* inner.read(cell);
        const blocks = finishBlocks(inner.blocks, false);
        images.push(...blocks.filter((block) => block.kind === 'image'));
        cells.push(lineOf(blocks));
      }
      if (cells.some((cell) => cell.length > 0)) read.push(cells);
      yield;
    }
    if (read.length > 0) this.blocks.push({ kind: 'table', rows: read, header });
    this.blocks.push(...images);
  }

  #image(element: Element, context: Context): void {
    if (element.closest('li[role="checkbox"]')) return;
    const found = imageOf(element, this.hints);
    if (!found) return;
    if ('text' in found) {
      this.#target(context).push({ text: found.text });
    } else if ('image' in found) {
      this.#close();
      this.blocks.push({ kind: 'image', image: found.image });
    } else this.dropped.add(found.dropped, found.item);
  }

  #text(value: string, context: Context): void {
    const text = context.preformatted ? value.replaceAll('\r', '') : value.replaceAll(/[ \t\r\n\f]+/g, ' ');
    // A blank that must not break may be where a line of code begins.
    if (text === '' || (!this.#open && /^[ \t\n\f]*$/.test(text))) return;
    const target = this.#target(context);
    const { raised, coloured, ...look } = context.look;
    if (text.trim() !== '') {
      if (raised) this.dropped.add('superscript');
      // Headings and quotes have the colours of their styles; that somebody chose one shows in a paragraph.
      const styled = context.heading !== null || context.quote;
      if (coloured && !styled && OFFICE.includes(this.source)) this.dropped.add('colour');
    }
    text.split('\n').forEach((line, at) => {
      if (at > 0) target.push({ text: '\n' });
      if (line !== '') target.push({ ...look, text: line.replaceAll('\t', ' ') });
    });
  }

  #lineBreak(context: Context): void {
    if (this.#open) this.#target(context).push({ text: '\n' });
  }

  /** The text that is open, or a new one of the kind that its place asks for. */
  #target({ heading, item, quote }: Context): Inline {
    if (this.#open) return this.#open;
    if (item && this.blocks.at(-1) === item.block) {
      // A second paragraph of an item.
      item.block.content.push({ text: '\n' });
      return (this.#open = item.block.content);
    }
    const block: PastedBlock & { content: Inline } =
      heading !== null
        ? { kind: 'heading', level: heading, content: [] }
        : item && !item.placed
          ? item.block
          : quote
            ? { kind: 'quote', content: [] }
            : { kind: 'paragraph', content: [] };
    if (item && block === item.block) item.placed = true;
    this.blocks.push(block);
    return (this.#open = block.content);
  }

  #close(): void {
    this.#open = null;
  }
}

/** A blank that a browser wrote so that it is not lost between two elements, and that breaks as any other. */
function isBlankOfBrowser(node: Node, parent: Element): boolean {
  return parent.localName === 'span' && node.nodeValue === '\u00a0' && styleOf(parent) === null;
}

function newItem(level: number, ordered: boolean): OpenItem {
  return { block: { kind: 'item', level, ordered, content: [] }, placed: false };
}

/** An item of a list. Programs that write each item as a list of its own say its level. */
function itemOf(element: Element, lists: readonly boolean[]): OpenItem {
  const said = Number(element.getAttribute('aria-level') ?? element.getAttribute('data-aria-level'));
  const level = said >= 1 && said <= 20 ? said - 1 : Math.max(0, lists.length - 1);
  const item = newItem(level, lists.at(-1) ?? false);
  const parent = element.parentElement;
  const start = Number(element.getAttribute('value') ?? parent?.getAttribute('start'));
  const first = !element.previousElementSibling || element.hasAttribute('value');
  if (item.block.ordered && first && Number.isInteger(start) && start > 1) item.block.start = start;
  const box = [...element.children]
    .flatMap((child) => (child.localName === 'p' || child.localName === 'label' ? [...child.children] : [child]))
    .find((child) => child.localName === 'input' && child.getAttribute('type') === 'checkbox');
  if (box) item.block.checked = box.hasAttribute('checked');
  else if (element.getAttribute('role') === 'checkbox')
    item.block.checked = element.getAttribute('aria-checked') === 'true';
  return item;
}

/** The level of a heading, in whatever way an element is one. */
function headingLevel(element: Element, tag: string): number | null {
  const level = Number(element.getAttribute('aria-level'));
  if (element.getAttribute('role') === 'heading' && level >= 1) return Math.min(6, level);
  if (/^h[1-6]$/.test(tag)) return Number(tag[1]);
  return /\bMsoTitle\b/.test(element.getAttribute('class') ?? '') ? 1 : null;
}

function isQuote(element: Element): boolean {
  if (/\bMso(?:Intense)?Quote\b/.test(element.getAttribute('class') ?? '')) return true;
  const style = element.localName === 'p' ? element.querySelector('[data-ccp-parastyle]') : null;
  return /^(?:intense )?quote$/i.test(style?.getAttribute('data-ccp-parastyle') ?? '');
}

/** What is in a cell as lines of one text. */
function lineOf(blocks: readonly PastedBlock[]): Inline {
  const lines: Inline[] = blocks.flatMap((block): Inline[] => {
    switch (block.kind) {
      case 'image':
      case 'rule':
        return [];
      case 'code':
        return [[{ text: block.text, code: true }]];
      case 'table':
        return block.rows.map((row) => row.flatMap((cell, at) => (at > 0 ? [{ text: ' ' }, ...cell] : cell)));
      case 'item':
        return [[{ text: block.ordered ? '– ' : '• ' }, ...block.content]];
      default:
        return plainText(block.content).trim() === '' ? [] : [block.content];
    }
  });
  return lines.flatMap((line, at) => (at > 0 ? [{ text: '\n' }, ...line] : line));
}
