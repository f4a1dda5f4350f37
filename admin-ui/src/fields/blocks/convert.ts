import { extraOf, isNode, isText, marks, type Node, type TextLeaf } from './json';

/**
 * Strapi's blocks to ProseMirror's documents and back, without losing anything: what is not understood wholly is kept
 * verbatim in an atom.
 *
 * Lists are flat in the editor, each item with its level: Strapi nests lists beside items, and in a flat list Enter, Tab,
 * moving and deleting are what they are for paragraphs. `opens` of an item holds the lists that begin with it, so that they
 * come back as they were.
 */
interface PmMark {
  type: string;
  attrs?: Record<string, unknown>;
}

export interface PmNode {
  type: string;
  attrs?: Record<string, unknown>;
  content?: PmNode[];
  marks?: PmMark[];
  text?: string;
}

const emptyText = (): TextLeaf => ({ type: 'text', text: '' });

/** A document of the editor made of blocks. */
export function fromBlocks(blocks: unknown): PmNode {
  const list: unknown[] = Array.isArray(blocks) ? blocks : [];
  const content = list.flatMap(fromBlock);
  return { type: 'doc', content: content.length > 0 ? content : [{ type: 'paragraph' }] };
}

function toVerbatimNode(block: unknown): PmNode {
  return { type: 'unknownBlock', attrs: { json: block } };
}

function withContent(type: string, attrs: Record<string, unknown>, content: PmNode[]): PmNode {
  return { type, attrs, ...(content.length > 0 ? { content } : {}) };
}

/** The parts of the editor's document that a block becomes. */
function fromBlock(block: unknown): PmNode[] {
  if (!isNode(block)) return [toVerbatimNode(block)];
  switch (block.type) {
    case 'paragraph':
    case 'quote': {
      const content = toInlineNodes(block.children);
      return [
        content
          ? withContent(block.type, { extra: extraOf(block, ['type', 'children']) }, content)
          : toVerbatimNode(block),
      ];
    }
    case 'heading': {
      const content = toInlineNodes(block.children);
      const level = block.level;
      if (!content || !Number.isInteger(level) || Number(level) < 1 || Number(level) > 6)
        return [toVerbatimNode(block)];
      return [withContent('heading', { level, extra: extraOf(block, ['type', 'children', 'level']) }, content)];
    }
    case 'code': {
      const leaves: unknown[] | null = Array.isArray(block.children) ? block.children : null;
      const language = block.language;
      const plain = leaves?.every((leaf) => isText(leaf) && marks.every((mark) => !leaf[mark]));
      if (!leaves || !plain || (language !== undefined && language !== null && typeof language !== 'string'))
        return [toVerbatimNode(block)];
      const text = (leaves as TextLeaf[]).map((leaf) => leaf.text).join('');
      const attrs = { language: language ?? null, extra: extraOf(block, ['type', 'children', 'language']) };
      return [withContent('codeBlock', attrs, text === '' ? [] : [{ type: 'text', text }])];
    }
    case 'image':
      return [isNode(block.image) ? { type: 'image', attrs: { json: block } } : toVerbatimNode(block)];
    case 'list': {
      const flat = flatten(block, 0, []);
      return flat ?? [toVerbatimNode(block)];
    }
    default:
      return [toVerbatimNode(block)];
  }
}

/** The items of a list and of the lists in it; nothing where something in it is not understood. */
function flatten(list: Node, level: number, opens: Record<string, unknown>[]): PmNode[] | null {
  if (
    (list.format !== 'ordered' && list.format !== 'unordered') ||
    !Array.isArray(list.children) ||
    list.children.length === 0
  )
    return null;
  if (level > 20) return null;
  const { children, ...head } = list;
  let opened = [...opens, head];
  const out: PmNode[] = [];
  for (const child of children as unknown[]) {
    if (!isNode(child)) return null;
    if (child.type === 'list') {
      const inner = flatten(child, level + 1, opened);
      if (!inner) return null;
      out.push(...inner);
    } else {
      if (child.type !== 'list-item') return null;
      const content = toInlineNodes(child.children);
      if (!content) return null;
      out.push(
        withContent(
          'listItem',
          { level, format: list.format, opens: opened, extra: extraOf(child, ['type', 'children']) },
          content,
        ),
      );
    }
    opened = [];
  }
  return out;
}

/** Texts and links; nothing where the children are no list. */
function toInlineNodes(children: unknown): PmNode[] | null {
  if (!Array.isArray(children)) return null;
  return children.flatMap((child: unknown) => {
    if (isText(child)) return textNodes(child, []);
    if (isNode(child) && child.type === 'link' && typeof child.url === 'string' && Array.isArray(child.children)) {
      const link = { type: 'link', attrs: { url: child.url, extra: extraOf(child, ['type', 'children', 'url']) } };
      const leaves: unknown[] = child.children;
      if (leaves.every(isText) && leaves.some((leaf) => leaf.text !== ''))
        return leaves.flatMap((leaf) => textNodes(leaf, [link]));
    }
    return [{ type: 'unknownInline', attrs: { json: child } }];
  });
}

/** A text with its marks; line breaks in it become nodes of their own. */
function textNodes(leaf: TextLeaf, outer: PmMark[]): PmNode[] {
  const own: PmMark[] = [...outer, ...marks.filter((mark) => leaf[mark] === true).map((type) => ({ type }))];
  const marked = own.length > 0 ? { marks: own } : {};
  return leaf.text
    .split('\n')
    .flatMap((line, at): PmNode[] => [
      ...(at > 0 ? [{ type: 'hardBreak', ...marked }] : []),
      ...(line === '' ? [] : [{ type: 'text', text: line, ...marked }]),
    ]);
}

/** The blocks of a document of the editor. */
export function toBlocks(doc: PmNode): unknown[] {
  return assemble((doc.content ?? []).map(toFlat));
}

/** An item of a list before it is put into one. */
interface FlatItem {
  item: Record<string, unknown>;
  level: number;
  format: 'ordered' | 'unordered';
  opens: Record<string, unknown>[];
}

/** A block, or an item of a list with its place. */
export type Flat = { block: unknown } | FlatItem;

/** What one part of the editor's document becomes. Depends on that part alone, so that who converts can keep it. */
export function toFlat(node: PmNode): Flat {
  const attrs = node.attrs ?? {};
  const extra = (attrs.extra ?? {}) as Record<string, unknown>;
  switch (node.type) {
    case 'heading':
      return { block: { type: 'heading', level: attrs.level, ...extra, children: leavesOf(node) } };
    case 'quote':
      return { block: { type: 'quote', ...extra, children: leavesOf(node) } };
    case 'codeBlock': {
      const text = (node.content ?? []).map((part) => part.text ?? '').join('');
      const language = attrs.language === null || attrs.language === undefined ? {} : { language: attrs.language };
      return { block: { type: 'code', ...language, ...extra, children: [{ type: 'text', text }] } };
    }
    case 'image':
    case 'unknownBlock':
      return { block: attrs.json };
    case 'listItem':
      return {
        item: { type: 'list-item', ...extra, children: leavesOf(node) },
        level: Number(attrs.level ?? 0),
        format: attrs.format === 'ordered' ? 'ordered' : 'unordered',
        opens: (attrs.opens ?? []) as Record<string, unknown>[],
      };
    default:
      return { block: { type: 'paragraph', ...extra, children: leavesOf(node) } };
  }
}

interface OpenList {
  format: unknown;
  children: unknown[];
}

/** Puts items into lists, and those into each other. */
export function assemble(parts: readonly Flat[]): unknown[] {
  const blocks: unknown[] = [];
  let open: OpenList[] = [];
  const begin = (head: Record<string, unknown>) => {
    const list = { ...head, children: [] as unknown[] } as unknown as OpenList;
    const around = open.at(-1);
    (around ? around.children : blocks).push(list);
    open.push(list);
  };
  const plainHead = (format: string): Record<string, unknown> =>
    open.length > 0 ? { type: 'list', format, indentLevel: open.length } : { type: 'list', format };
  for (const part of parts) {
    if ('block' in part) {
      open = [];
      blocks.push(part.block);
      continue;
    }
    // Lists that begin here were at these levels; what is open deeper than that ends.
    const opens = part.opens.length <= part.level + 1 ? part.opens : [];
    open = open.slice(0, part.level + 1 - opens.length);
    while (open.length < part.level + 1 - opens.length) begin(plainHead(part.format));
    for (const head of opens) begin(head);
    if (open.at(-1)?.format !== part.format) {
      open = open.slice(0, part.level);
      begin(plainHead(part.format));
    }
    open.at(-1)?.children.push(part.item);
  }
  return blocks;
}

/** The texts and links of a part, the neighbours that are alike made one. */
function leavesOf(node: PmNode): unknown[] {
  const out: unknown[] = [];
  let link = null as { key: string; node: { children: TextLeaf[] } } | null;
  for (const part of node.content ?? []) {
    if (part.type === 'unknownInline') {
      link = null;
      out.push(part.attrs?.json);
      continue;
    }
    const text = part.type === 'hardBreak' ? '\n' : (part.text ?? '');
    const mark = part.marks?.find((each) => each.type === 'link');
    const leaf = leafOf(text, part.marks ?? []);
    if (!mark) {
      link = null;
      append(out, leaf);
      continue;
    }
    const key = JSON.stringify([mark.attrs?.url, mark.attrs?.extra ?? null]);
    if (link?.key === key) {
      append(link.node.children, leaf);
    } else {
      const linkLeaf = {
        type: 'link',
        url: mark.attrs?.url,
        ...(mark.attrs?.extra as object | null),
        children: [leaf],
      };
      link = { key, node: linkLeaf };
      out.push(linkLeaf);
    }
  }
  return out.length > 0 ? out : [emptyText()];
}

function leafOf(text: string, textMarks: readonly PmMark[]): TextLeaf {
  const leaf: TextLeaf = { type: 'text', text };
  for (const mark of marks) if (textMarks.some((each) => each.type === mark)) leaf[mark] = true;
  return leaf;
}

/** Adds a text; to the one before it where both look alike. */
function append(leaves: unknown[], leaf: TextLeaf): void {
  const last = leaves.at(-1);
  if (isText(last) && marks.every((mark) => (last[mark] ?? false) === (leaf[mark] ?? false))) {
    leaves[leaves.length - 1] = { ...last, text: last.text + leaf.text };
  } else leaves.push(leaf);
}

/**
 * Blocks as the editor writes them, meaning the same: neighbouring texts of the same marks are one, marks that are off and
 * texts that are empty go, neighbouring links to the same address are one.
 */
export function normalise(blocks: unknown): unknown[] {
  const list: unknown[] = Array.isArray(blocks) ? blocks : [];
  return list.length === 0 ? [{ type: 'paragraph', children: [emptyText()] }] : list.map(normaliseBlock);
}

function normaliseBlock(block: unknown): unknown {
  // What is kept verbatim is the same, whatever is in it.
  if (!isNode(block) || fromBlock(block).some((part) => part.type === 'unknownBlock' || part.type === 'image'))
    return block;
  if (block.type === 'code') {
    const text = (block.children as TextLeaf[]).map((leaf) => leaf.text).join('');
    const { language, ...rest } = block;
    return {
      ...rest,
      ...(language === null || language === undefined ? {} : { language }),
      children: [{ type: 'text', text }],
    };
  }
  if (block.type === 'list') return { ...block, children: (block.children as Node[]).map(normaliseListPart) };
  return { ...block, children: normaliseInlines(block.children as unknown[]) };
}

function normaliseListPart(part: Node): Node {
  if (part.type === 'list') return { ...part, children: (part.children as Node[]).map(normaliseListPart) };
  return { ...part, children: normaliseInlines(part.children as unknown[]) };
}

function normaliseInlines(children: readonly unknown[]): unknown[] {
  const out: unknown[] = [];
  for (const child of children) {
    if (isText(child)) {
      if (child.text !== '') append(out, plainLeaf(child));
      continue;
    }
    if (isNode(child) && child.type === 'link' && typeof child.url === 'string' && Array.isArray(child.children)) {
      const leaves: unknown[] = child.children;
      if (leaves.every(isText) && leaves.some((leaf) => leaf.text !== '')) {
        const inner: unknown[] = [];
        for (const leaf of leaves) if (leaf.text !== '') append(inner, plainLeaf(leaf));
        const last = out.at(-1);
        if (isUnderstoodLink(last) && sameLink(last, child))
          for (const leaf of inner) append(last.children, leaf as TextLeaf);
        else out.push({ ...child, children: inner });
        continue;
      }
    }
    out.push(child);
  }
  return out.length > 0 ? out : [emptyText()];
}

function isUnderstoodLink(value: unknown): value is Node & { children: unknown[] } {
  return (
    isNode(value) &&
    value.type === 'link' &&
    typeof value.url === 'string' &&
    Array.isArray(value.children) &&
    value.children.every(isText) &&
    value.children.some((leaf) => leaf.text !== '')
  );
}

function sameLink(a: Node, b: Node): boolean {
  return (
    a.url === b.url &&
    JSON.stringify(extraOf(a, ['type', 'children', 'url'])) === JSON.stringify(extraOf(b, ['type', 'children', 'url']))
  );
}

function plainLeaf(leaf: TextLeaf): TextLeaf {
  return leafOf(
    leaf.text,
    marks.filter((mark) => leaf[mark] === true).map((type) => ({ type })),
  );
}
