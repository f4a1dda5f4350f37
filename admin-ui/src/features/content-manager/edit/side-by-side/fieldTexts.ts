import type { Attribute, Model } from '@/api/model';
import { attributesOf, isItem, isRecord } from '@/fields/form/values';

/** Whether people read it as words: not an address, a number or a sign. */
function isProse(text: string): boolean {
  return /\p{L}/u.test(text) && !/^(?:[a-z][a-z0-9+.-]*:|\/|#)\S*$/i.test(text);
}

/** The space around a text stays: it is part of the layout. */
function mapProse(text: string, map: (text: string) => string): string {
  const [, before = '', core = '', after = ''] = /^(\s*)([\s\S]*?)(\s*)$/.exec(text) ?? [];
  return isProse(core) ? before + map(core) + after : text;
}

const FENCE = /^\s*(?:```|~~~)/;
/** What a line of Markdown begins with: a heading, a quote, an item of a list. */
const LINE_START = /^((?:\s*(?:#{1,6}\s|>|[-*+]\s|\d+[.)]\s))*\s*)(.*)$/;
/** Lines of code, HTML and the addresses of links. */
const NOT_PROSE = /^(?: {4,}|\t|\s*<|\s*\[[^\]]+\]:)/;

/** Line by line: what makes a heading, a list or a table stays as it is, and so does code. */
function mapMarkdown(markdown: string, map: (text: string) => string): string {
  let isCode = false;
  const lines = markdown.split('\n').map((line) => {
    if (FENCE.test(line)) isCode = !isCode;
    if (isCode || FENCE.test(line) || NOT_PROSE.test(line)) return line;
    const [, start = '', rest = ''] = LINE_START.exec(line) ?? [];
    if (!rest.startsWith('|')) return start + mapProse(rest, map);
    const cells = rest.split(/(?<!\\)\|/);
    return start + cells.map((cell) => mapProse(cell, map)).join('|');
  });
  return lines.join('\n');
}

/** Only the texts of blocks: which blocks there are, and what is bold or a link in them, stays. */
function mapBlocks(node: unknown, map: (text: string) => string): unknown {
  if (Array.isArray(node)) return node.map((child) => mapBlocks(child, map));
  if (!isRecord(node) || node.type === 'code') return node;
  if (node.type === 'text' && typeof node.text === 'string') return { ...node, text: mapProse(node.text, map) };
  return 'children' in node ? { ...node, children: mapBlocks(node.children, map) } : node;
}

/** A value with other texts in it. What is not prose (code, addresses, choices) stays, and so does all that gives it its structure. */
function mapTexts(model: Model, attribute: Attribute, value: unknown, map: (text: string) => string): unknown {
  switch (attribute.type) {
    case 'string':
    case 'text':
      // A form of its own is no prose: a code, a colour.
      if (typeof value !== 'string' || attribute.regex || attribute.customField) return value;
      return mapProse(value, map);
    case 'richtext':
      return typeof value === 'string' ? mapMarkdown(value, map) : value;
    case 'blocks':
      return mapBlocks(value, map);
    case 'component':
    case 'dynamiczone':
      return Array.isArray(value) ? value.map((item) => mapItem(model, item, map)) : mapItem(model, value, map);
    default:
      return value;
  }
}

function mapItem(model: Model, item: unknown, map: (text: string) => string): unknown {
  if (!isItem(item)) return item;
  const parts = Object.entries(attributesOf(model, item.__component));
  return {
    ...item,
    ...Object.fromEntries(
      parts.flatMap(([name, part]) => (name in item ? [[name, mapTexts(model, part, item[name], map)]] : [])),
    ),
  };
}

/** The texts in a value, in the order in which `mapTexts` comes to them. */
export function listTexts(model: Model, attribute: Attribute, value: unknown): string[] {
  const texts: string[] = [];
  mapTexts(model, attribute, value, (text) => {
    texts.push(text);
    return text;
  });
  return texts;
}

/** A value with other texts, as many as `listTexts` finds in it and in their order. */
export function replaceTexts(model: Model, attribute: Attribute, value: unknown, texts: readonly string[]): unknown {
  let at = 0;
  return mapTexts(model, attribute, value, (text) => {
    at += 1;
    return texts[at - 1] ?? text;
  });
}
