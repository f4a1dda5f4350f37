import {
  type DroppedContent,
  DroppedNotes,
  type Inline,
  type PastedBlock,
  type PastedDocument,
  type PastedImage,
  plainText,
  type Run,
} from './document';

/** A document as Markdown (GFM). */
interface AsMarkdown {
  text: string;
  /** Pictures that are not in the library yet, with their places in the text. */
  images: { offset: number; image: PastedImage }[];
  dropped: DroppedContent[];
  /** Whether the text is one paragraph, which continues the line that it is put into. */
  inline: boolean;
}

export function toMarkdown({ blocks, dropped }: PastedDocument): AsMarkdown {
  const notes = new DroppedNotes();
  const images: AsMarkdown['images'] = [];
  const lists = new ListState();
  let text = '';
  let before: PastedBlock | null = null;
  for (const block of blocks) {
    if (block.kind === 'image' && block.image.source.kind !== 'library') {
      images.push({ offset: text.length, image: block.image });
      lists.end();
      continue;
    }
    const written = write(block, lists, notes);
    if (text !== '') {
      const list = block.kind === 'item' && before?.kind === 'item';
      const quote = block.kind === 'quote' && before?.kind === 'quote';
      text += list ? '\n' : quote ? '\n>\n' : '\n\n';
    }
    text += written;
    before = block;
  }
  const inline = blocks.length === 1 && blocks[0]?.kind === 'paragraph';
  return { text, images, dropped: [...dropped, ...notes.list()], inline };
}

/** The numbers of lists, and how far their items are indented. */
class ListState {
  #levels: { ordered: boolean; number: number; width: number }[] = [];

  end(): void {
    this.#levels = [];
  }

  next({ level, ordered, start }: Extract<PastedBlock, { kind: 'item' }>): { indent: string; marker: string } {
    this.#levels.length = Math.min(this.#levels.length, level + 1);
    const last = this.#levels[level];
    const number = last?.ordered === ordered ? last.number + 1 : (start ?? 1);
    const marker = ordered ? `${number}. ` : '- ';
    this.#levels[level] = { ordered, number, width: marker.length };
    const indent = this.#levels.slice(0, level).reduce((sum, { width }) => sum + width, 0);
    return { indent: ' '.repeat(indent), marker };
  }
}

function write(block: PastedBlock, lists: ListState, notes: DroppedNotes): string {
  if (block.kind !== 'item') lists.end();
  switch (block.kind) {
    case 'paragraph':
      return lines(block.content, notes);
    case 'heading':
      return `${'#'.repeat(block.level)} ${inlineText(flat(block.content), notes)}`;
    case 'quote':
      return lines(block.content, notes)
        .split('\n')
        .map((line) => `> ${line}`)
        .join('\n');
    case 'code': {
      const longest = Math.max(2, ...[...block.text.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length));
      const fence = '`'.repeat(longest + 1);
      return `${fence}${block.language ?? ''}\n${block.text}\n${fence}`;
    }
    case 'item': {
      const { indent, marker } = lists.next(block);
      const box = block.checked === undefined ? '' : block.checked ? '[x] ' : '[ ] ';
      const inner = lines(block.content, notes).replaceAll('\n', `\n${indent}${' '.repeat(marker.length)}`);
      return indent + marker + box + inner;
    }
    case 'table':
      return tableText(block.rows, notes);
    case 'rule':
      return '---';
    case 'image':
      return block.image.source.kind === 'library' ? imageText(block.image.alt, block.image.source.url) : '';
  }
}

/** A picture in Markdown. */
export function imageText(alt: string, url: string): string {
  return `![${alt.replaceAll(/\s+/g, ' ').replaceAll(/[[\]\\]/g, '')}](${linkTarget(url)})`;
}

function tableText(rows: readonly Inline[][], notes: DroppedNotes): string {
  const width = Math.max(...rows.map((row) => row.length));
  const [first = [], ...rest] = rows.map((row) =>
    Array.from({ length: width }, (_, at) =>
      (row[at] ?? []).length === 0 ? '' : lines(row[at] ?? [], notes, '<br>').replaceAll('|', '\\|'),
    ),
  );
  return [tableRow(first), tableRow(first.map(() => '---')), ...rest.map(tableRow)].join('\n');
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** A text that may have breaks: two blanks at the end of a line are one. */
function lines(content: Inline, notes: DroppedNotes, lineBreak = '  \n'): string {
  const parts: Inline[] = [[]];
  for (const run of content) {
    if (run.text === '\n') parts.push([]);
    else parts.at(-1)?.push(run);
  }
  return parts.map((part) => protectStart(inlineText(part, notes))).join(lineBreak);
}

function flat(content: Inline): Inline {
  return content.map((run) => (run.text === '\n' ? { text: ' ' } : run));
}

/** What would begin another part at the start of a line does not. */
function protectStart(line: string): string {
  return line
    .replace(/^(\s*)(#{1,6}\s|[-+]\s|>|=+\s*$|-{3,}\s*$)/, '$1\\$2')
    .replace(/^(\s*\d{1,9})([.)]\s)/, '$1\\$2')
    .replace(/^(\s*)\* /, '$1\\* ');
}

const WRAPS = [
  ['bold', '**'],
  ['italic', '_'],
  ['strikethrough', '~~'],
] as const;

function inlineText(content: Inline, notes: DroppedNotes): string {
  for (const run of content) if (run.underline && run.text.trim() !== '') notes.add('underline');
  return links(content);
}

function links(runs: Inline): string {
  return groups(runs, (run) => run.link ?? null)
    .map(({ key, runs: inside }) => {
      if (key === null) return wraps(inside, 0);
      const words = plainText(inside);
      if (words === key && /^https?:\/\/[^\s*_~`<>]+$/.test(key)) return key;
      return around(wraps(inside, 0), (text) => `[${text.replaceAll(/(?<!\\)\]/g, '\\]')}](${linkTarget(key)})`);
    })
    .join('');
}

function wraps(runs: Inline, at: number): string {
  const wrap = WRAPS[at];
  if (!wrap) return runs.map((run) => (run.code ? codeSpan(run.text) : escapeText(run.text))).join('');
  const [mark, sign] = wrap;
  const parts = groups(runs, (run) => (run[mark] ? mark : null)).map(({ key, runs: inside }) => ({
    marked: key !== null,
    text: wraps(inside, at + 1),
    plain: plainText(inside),
  }));
  return parts
    .map((part, index) => {
      if (!part.marked) return part.text;
      const outside = [parts[index - 1]?.plain.at(-1) ?? ' ', parts[index + 1]?.plain[0] ?? ' '] as const;
      // An underscore inside of a word is one.
      const used = sign === '_' && outside.some((sides) => /[\p{L}\p{N}_]/u.test(sides)) ? '*' : sign;
      return around(part.text, (text) => used + text + used, outside);
    })
    .join('');
}

/**
 * Puts signs around a text, where they are read as signs: not beside a blank inside of them, and not between a punctuation mark inside and a letter
 * outside.
 */
function around(
  text: string,
  wrap: (inner: string) => string,
  [before, after]: readonly [string, string] = [' ', ' '],
): string {
  const letter = /[\p{L}\p{N}]/u;
  const start = letter.test(before) ? /^[\s\p{P}]+/u : /^\s+/;
  const end = letter.test(after) ? /(?:\s|(?<!\\)\p{P})+$/u : /\s+$/;
  const head = start.exec(text)?.[0] ?? '';
  const tail = text.length > head.length ? (end.exec(text.slice(head.length))?.[0] ?? '') : '';
  const inner = text.slice(head.length, text.length - tail.length);
  return inner === '' ? text : head + wrap(inner) + tail;
}

function groups(runs: Inline, keyOf: (run: Run) => string | null): { key: string | null; runs: Run[] }[] {
  const out: { key: string | null; runs: Run[] }[] = [];
  for (const run of runs) {
    const key = keyOf(run);
    const last = out.at(-1);
    if (last && last.key === key) last.runs.push(run);
    else out.push({ key, runs: [run] });
  }
  return out;
}

function codeSpan(text: string): string {
  const ticks = '`'.repeat(Math.max(0, ...[...text.matchAll(/`+/g)].map(([found]) => found.length)) + 1);
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${ticks}${pad}${text}${pad}${ticks}`;
}

/** Text that means itself. Only what would be read as a sign is escaped: people read the source. */
function escapeText(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll(/[*`]/g, '\\$&')
    .replaceAll(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replaceAll('~~', '\\~\\~')
    .replaceAll('](', '\\](')
    .replaceAll(/<(?=[a-z/!?])/gi, '\\<')
    .replaceAll(/&(?=#?\w+;)/g, '\\&');
}

function linkTarget(url: string): string {
  return url.replaceAll(/[\s()<>\\]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}
