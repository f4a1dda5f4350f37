import { Extension, Mark, markInputRule, mergeAttributes, Node, textblockTypeInputRule } from '@tiptap/core';
import { isLinkAddress } from './address';
import { isNode } from './json';

/** The nodes and marks of Strapi's blocks. Names and attributes are those of `convert.ts`. */

const extra = { extra: { default: null, rendered: false } } as const;

const Doc = Node.create({ name: 'doc', topNode: true, content: 'block+' });
const Text = Node.create({ name: 'text', group: 'inline' });

const Paragraph = Node.create({
  name: 'paragraph',
  priority: 1000,
  group: 'block',
  content: 'inline*',
  addAttributes: () => extra,
  parseHTML: () => [{ tag: 'p' }],
  renderHTML: ({ HTMLAttributes }) => ['p', HTMLAttributes, 0],
});

const levels = [1, 2, 3, 4, 5, 6];

const Heading = Node.create({
  name: 'heading',
  group: 'block',
  content: 'inline*',
  defining: true,
  addAttributes: () => ({ ...extra, level: { default: 2, rendered: false } }),
  parseHTML: () => levels.map((level) => ({ tag: `h${level}`, attrs: { level } })),
  renderHTML: ({ node, HTMLAttributes }) => [`h${String(node.attrs.level)}`, HTMLAttributes, 0],
  addInputRules() {
    return levels.map((level) =>
      textblockTypeInputRule({ find: new RegExp(`^(#{${level}})\\s$`), type: this.type, getAttributes: { level } }),
    );
  },
});

const Quote = Node.create({
  name: 'quote',
  group: 'block',
  content: 'inline*',
  defining: true,
  addAttributes: () => extra,
  parseHTML: () => [{ tag: 'blockquote' }],
  renderHTML: ({ HTMLAttributes }) => ['blockquote', HTMLAttributes, 0],
  addInputRules() {
    return [textblockTypeInputRule({ find: /^>\s$/, type: this.type })];
  },
});

const CodeBlock = Node.create({
  name: 'codeBlock',
  group: 'block',
  content: 'text*',
  marks: '',
  code: true,
  defining: true,
  addAttributes: () => ({
    ...extra,
    language: { default: null, parseHTML: (element: HTMLElement) => element.getAttribute('data-language') },
  }),
  parseHTML: () => [{ tag: 'pre', preserveWhitespace: 'full' }],
  renderHTML: ({ node }) => [
    'pre',
    { spellcheck: 'false', 'data-language': node.attrs.language as string | null },
    ['code', 0],
  ],
  addInputRules() {
    return [
      textblockTypeInputRule({
        find: /^```([a-z]*)\s$/,
        type: this.type,
        getAttributes: (match) => ({ language: match[1] || null }),
      }),
    ];
  },
});

/** How deep an element is in lists: where it came from has nested lists, here they are flat. */
function listDepth(element: HTMLElement): number {
  let depth = -1;
  for (let at = element.parentElement; at; at = at.parentElement) if (at.matches('ul,ol')) depth += 1;
  return Math.max(0, depth);
}

const ListItem = Node.create({
  name: 'listItem',
  group: 'block',
  content: 'inline*',
  defining: true,
  addAttributes: () => ({
    ...extra,
    opens: { default: [], rendered: false },
    level: {
      default: 0,
      parseHTML: (element: HTMLElement) => Number(element.getAttribute('data-level') ?? listDepth(element)),
      renderHTML: ({ level }: { level?: number }) => ({ 'data-level': level, style: `--level: ${Number(level)}` }),
    },
    format: {
      default: 'unordered',
      parseHTML: (element: HTMLElement) =>
        element.getAttribute('data-format') ?? (element.closest('ul,ol')?.matches('ol') ? 'ordered' : 'unordered'),
      renderHTML: ({ format }: { format?: string }) => ({ 'data-format': format }),
    },
  }),
  parseHTML: () => [{ tag: 'li' }, { tag: 'div[data-list-item]' }],
  renderHTML: ({ HTMLAttributes }) => [
    'div',
    // No role: an item of a list that is none is an error; the bullet or number before it is read as it is seen.
    mergeAttributes({ 'data-list-item': '' }, HTMLAttributes),
    0,
  ],
  addInputRules() {
    const rule = (find: RegExp, format: string) =>
      textblockTypeInputRule({ find, type: this.type, getAttributes: { format, level: 0, opens: [] } });
    return [rule(/^[-*+]\s$/, 'unordered'), rule(/^\d+[.)]\s$/, 'ordered')];
  },
});

/** What an element says it is made of. Whoever wrote what is pasted can have written anything: the server reads it again. */
function jsonOf(element: HTMLElement): unknown {
  try {
    return JSON.parse(element.getAttribute('data-json') ?? 'null');
  } catch {
    return null;
  }
}

function isImage(json: unknown): boolean {
  return isNode(json) && json.type === 'image' && isNode(json.image);
}

/** A part that is kept as it is; goes along when it is copied into another text. */
const verbatim = {
  json: {
    default: null,
    parseHTML: jsonOf,
    renderHTML: ({ json }: { json?: unknown }) => ({ 'data-json': JSON.stringify(json) }),
  },
} as const;

const ImageBlock = Node.create({
  name: 'image',
  group: 'block',
  atom: true,
  draggable: true,
  addAttributes: () => verbatim,
  parseHTML: () => [
    { tag: 'figure[data-image]', getAttrs: (element: HTMLElement) => (isImage(jsonOf(element)) ? null : false) },
  ],
  renderHTML: ({ HTMLAttributes }) => ['figure', { ...HTMLAttributes, 'data-image': '' }],
});

const UnknownBlock = Node.create({
  name: 'unknownBlock',
  group: 'block',
  atom: true,
  addAttributes: () => verbatim,
  parseHTML: () => [{ tag: 'div[data-unknown][data-json]' }],
  renderHTML: ({ HTMLAttributes }) => ['div', { ...HTMLAttributes, 'data-unknown': '' }],
});

const UnknownInline = Node.create({
  name: 'unknownInline',
  group: 'inline',
  inline: true,
  atom: true,
  addAttributes: () => verbatim,
  parseHTML: () => [{ tag: 'span[data-unknown][data-json]' }],
  renderHTML: ({ node, HTMLAttributes }) => [
    'span',
    { ...HTMLAttributes, 'data-unknown': '' },
    unknownLabel(node.attrs.json),
  ],
});

/** What a part that nobody knows is called: its type, if it says one. */
export function unknownLabel(json: unknown): string {
  const type = typeof json === 'object' && json !== null && 'type' in json ? json.type : null;
  return typeof type === 'string' ? type.slice(0, 40) : '?';
}

const HardBreak = Node.create({
  name: 'hardBreak',
  group: 'inline',
  inline: true,
  selectable: false,
  parseHTML: () => [{ tag: 'br' }],
  renderHTML: () => ['br'],
  renderText: () => '\n',
});

function simpleMark(name: string, tags: readonly string[], keys: string, rule?: RegExp) {
  const [tag = 'span'] = tags;
  return Mark.create({
    name,
    parseHTML: () => tags.map((each) => ({ tag: each })),
    renderHTML: ({ HTMLAttributes }) => [tag, HTMLAttributes, 0],
    addKeyboardShortcuts() {
      return { [keys]: () => this.editor.commands.toggleMark(name) };
    },
    addInputRules() {
      return rule ? [markInputRule({ find: rule, type: this.type })] : [];
    },
  });
}

const Link = Mark.create({
  name: 'link',
  priority: 1000,
  inclusive: false,
  addAttributes: () => ({ ...extra, url: { default: '', rendered: false } }),
  parseHTML: () => [
    {
      tag: 'a[href]',
      // What is pasted may lead anywhere; only what the server takes is a link.
      getAttrs: (element: HTMLElement) => {
        const url = element.getAttribute('href') ?? '';
        return isLinkAddress(url) ? { url } : false;
      },
    },
  ],
  renderHTML: ({ mark }) => {
    const url = String(mark.attrs.url);
    return ['a', { ...(isLinkAddress(url) ? { href: url } : {}), rel: 'noopener noreferrer nofollow', title: url }, 0];
  },
});

/** A line break inside a block. */
const Breaks = Extension.create({
  name: 'breaks',
  addKeyboardShortcuts() {
    return {
      'Shift-Enter': () =>
        this.editor.isActive('codeBlock')
          ? this.editor.commands.insertContent('\n')
          : this.editor.commands.insertContent({ type: 'hardBreak' }),
    };
  },
});

export const extensions = [
  Doc,
  Text,
  Paragraph,
  Heading,
  Quote,
  CodeBlock,
  ListItem,
  ImageBlock,
  UnknownBlock,
  UnknownInline,
  HardBreak,
  Link,
  simpleMark('bold', ['strong', 'b'], 'Mod-b', /(?:^|\s)\*\*([^*]+)\*\*$/),
  simpleMark('italic', ['em', 'i'], 'Mod-i', /(?:^|\s)_([^_]+)_$/),
  simpleMark('underline', ['u'], 'Mod-u'),
  simpleMark('strikethrough', ['s', 'del', 'strike'], 'Mod-Shift-x', /(?:^|\s)~~([^~]+)~~$/),
  simpleMark('code', ['code'], 'Mod-e', /(?:^|\s)`([^`]+)`$/),
  Breaks,
];
