import type { PmNode } from '../blocks/convert';
import {
  type DroppedContent,
  DroppedNotes,
  type Inline,
  type PastedDocument,
  type PastedImage,
  runMarks,
} from './document';

/** A document as parts of the editor of blocks. */
interface AsBlocks {
  nodes: PmNode[];
  /** Pictures, each in `nodes` as an image whose JSON has its number: `{pasted: 0}`. They are not part of a text before they are in the library. */
  images: PastedImage[];
  dropped: DroppedContent[];
}

/** The deepest that the editor lets an item be. */
const MAX_LEVEL = 5;

export function toBlocks({ blocks, dropped }: PastedDocument): AsBlocks {
  const nodes: PmNode[] = [];
  const images: PastedImage[] = [];
  const notes = new DroppedNotes();
  for (const block of blocks) {
    switch (block.kind) {
      case 'paragraph':
      case 'quote':
        nodes.push(withContent(block.kind, {}, block.content));
        break;
      case 'heading':
        nodes.push(withContent('heading', { level: block.level }, block.content));
        break;
      case 'code': {
        const content = block.text === '' ? {} : { content: [{ type: 'text', text: block.text }] };
        nodes.push({ type: 'codeBlock', attrs: { language: block.language }, ...content });
        break;
      }
      case 'item': {
        if (block.start !== undefined) notes.add('listStart');
        if (block.checked !== undefined) notes.add('checkbox');
        const box = block.checked === undefined ? [] : [{ text: block.checked ? '☑ ' : '☐ ' }];
        nodes.push(itemNode(block.level, block.ordered, [...box, ...block.content]));
        break;
      }
      case 'image':
        if (block.image.source.kind === 'library') break;
        nodes.push({ type: 'image', attrs: { json: { type: 'image', pasted: images.length } } });
        images.push(block.image);
        break;
      case 'table':
        notes.add('table');
        nodes.push(...tableItems(block.rows, block.header));
        break;
      case 'rule':
        notes.add('rule');
    }
  }
  return { nodes, images, dropped: [...dropped, ...notes.list()] };
}

/** A row is an item; what the columns are called stands before each of its values. */
function tableItems(rows: readonly Inline[][], header: boolean): PmNode[] {
  const [names, ...rest] = rows;
  const body = header && names ? rest : rows;
  return body.map((row) => {
    const cells = row.flatMap((cell, at): Inline[] => {
      const content = cell.map((run) => (run.text === '\n' ? { text: ' ' } : run));
      if (content.length === 0) return [];
      const name = header ? (names?.[at] ?? []).map((run) => run.text.replace('\n', ' ')).join('') : '';
      return [name ? [{ text: `${name}: `, bold: true }, ...content] : content];
    });
    return itemNode(
      0,
      false,
      cells.flatMap((cell, at) => (at > 0 ? [{ text: header ? '; ' : ' | ' }, ...cell] : cell)),
    );
  });
}

function itemNode(level: number, ordered: boolean, content: Inline): PmNode {
  const format = ordered ? 'ordered' : 'unordered';
  return withContent('listItem', { level: Math.min(level, MAX_LEVEL), format, opens: [] }, content);
}

function withContent(type: string, attrs: Record<string, unknown>, content: Inline): PmNode {
  const nodes = content.flatMap((run): PmNode[] => {
    const marks = [
      ...(run.link ? [{ type: 'link', attrs: { url: run.link, extra: null } }] : []),
      ...runMarks.filter((mark) => run[mark]).map((mark) => ({ type: mark })),
    ];
    const marked = marks.length > 0 ? { marks } : {};
    if (run.text === '\n') return [{ type: 'hardBreak', ...marked }];
    return run.text === '' ? [] : [{ type: 'text', text: run.text, ...marked }];
  });
  return { type, attrs, ...(nodes.length > 0 ? { content: nodes } : {}) };
}
