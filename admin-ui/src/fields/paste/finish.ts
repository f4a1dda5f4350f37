import { type Inline, type PastedBlock, plainText, type Run } from './document';
import { splitAtBlankLines, tidyInline } from './inline';

/** A run while it is read: with what decides later what it is. */
export interface ReadRun extends Run {
  monospace?: boolean;
  raised?: boolean;
  coloured?: boolean;
}

/** From this share of its text on, a typewriter's font is how a document looks, not what is code in it. */
const ALL_MONOSPACE = 0.8;

/** What was read, put in order: blanks, code, levels of lists, parts without anything in them. */
export function finishBlocks(read: readonly PastedBlock[], office: boolean): PastedBlock[] {
  const monospaced = office && isCodeInText(read);
  const blocks: PastedBlock[] = [];
  for (const block of read) {
    if (!('content' in block)) {
      append(blocks, block, office);
      continue;
    }
    const allCode = monospaced && block.kind === 'paragraph' && block.content.every(isCodeOrBlank);
    if (allCode && plainText(block.content).trim() !== '') {
      append(blocks, { kind: 'code', text: codeText(block.content), language: null }, office);
      continue;
    }
    const content = tidyInline((block.content as ReadRun[]).map((run) => asRun(run, monospaced)));
    if (content.length === 0) continue;
    if (block.kind === 'heading') append(blocks, { ...block, content: without('bold', content) }, office);
    else if (block.kind === 'paragraph' || block.kind === 'quote') {
      const own = office && block.kind === 'quote' ? without('italic', content) : content;
      for (const part of splitAtBlankLines(own)) append(blocks, { ...block, content: part }, office);
    } else append(blocks, { ...block, content }, office);
  }
  return withLevels(blocks);
}

/** Lines of code that a document has as paragraphs are one block. */
function append(blocks: PastedBlock[], block: PastedBlock, office: boolean): void {
  const last = blocks.at(-1);
  if (office && block.kind === 'code' && last?.kind === 'code' && last.language === block.language)
    blocks[blocks.length - 1] = { ...last, text: `${last.text}\n${block.text}` };
  else blocks.push(block);
}

function isCodeInText(blocks: readonly PastedBlock[]): boolean {
  let all = 0;
  let code = 0;
  for (const block of blocks) {
    if (!('content' in block)) continue;
    for (const run of block.content as ReadRun[]) {
      all += run.text.length;
      if (run.monospace) code += run.text.length;
    }
  }
  return code > 0 && code < all * ALL_MONOSPACE;
}

function isCodeOrBlank(run: ReadRun): boolean {
  return run.text.trim() === '' || run.monospace === true;
}

function codeText(content: Inline): string {
  return plainText(content).replaceAll('\u00a0', ' ').replace(/\s+$/, '');
}

function asRun({ monospace, raised: _raised, coloured: _coloured, ...run }: ReadRun, monospaced: boolean): Run {
  const out: Run = { text: run.text };
  if (run.bold) out.bold = true;
  if (run.italic) out.italic = true;
  if (run.underline) out.underline = true;
  if (run.strikethrough) out.strikethrough = true;
  if (run.code || (monospace && monospaced)) out.code = true;
  if (run.link) out.link = run.link;
  return out;
}

/** A heading that is bold throughout is a heading, a quote in italics a quote: so their styles look. */
function without(mark: 'bold' | 'italic', content: Inline): Inline {
  if (!content.every((run) => run[mark] || run.text.trim() === '')) return content;
  return tidyInline(content.map(({ [mark]: _style, ...run }) => run));
}

/** Levels without gaps: each list begins at none, and no item is more than one deeper than the one above it. */
function withLevels(blocks: readonly PastedBlock[]): PastedBlock[] {
  let around: number[] = [];
  return blocks.map((block) => {
    if (block.kind !== 'item') {
      around = [];
      return block;
    }
    while ((around.at(-1) ?? -1) > block.level) around.pop();
    if (around.at(-1) !== block.level) around.push(block.level);
    return { ...block, level: around.length - 1 };
  });
}
