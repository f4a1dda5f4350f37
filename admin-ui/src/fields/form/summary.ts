import type { Model } from '@/api/model';
import { toMarkdownText } from '../richtext/markdownText';
import { attributesOf, isRecord, type Item } from './values';

/** What an item is about, in a line: the first text in it. */
export function summaryOf(model: Model, item: Item, depth = 0): string {
  const attributes = attributesOf(model, item.__component);
  for (const [name, attribute] of Object.entries(attributes)) {
    const value = item[name];
    switch (attribute.type) {
      case 'string':
      case 'text':
      case 'email':
      case 'uid':
      case 'enumeration':
        if (typeof value === 'string' && value.trim() !== '') return truncate(value);
        break;
      case 'richtext': {
        const text = typeof value === 'string' ? toMarkdownText(value) : '';
        if (text !== '') return truncate(text);
        break;
      }
      case 'blocks': {
        const text = textOfBlocks(value);
        if (text !== '') return truncate(text);
        break;
      }
      case 'relation':
      case 'media': {
        const first: unknown = Array.isArray(value) ? value[0] : undefined;
        if (isRecord(first)) return truncate(String(first.title ?? first.name ?? ''));
        break;
      }
      case 'component': {
        const inner: unknown = Array.isArray(value) ? value[0] : value;
        if (depth < 2 && isRecord(inner) && '__component' in inner) {
          const text = summaryOf(model, inner as Item, depth + 1);
          if (text !== '') return text;
        }
        break;
      }
      default:
    }
  }
  return '';
}

function truncate(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ').slice(0, 100);
  return line;
}

/** The text in Strapi's blocks, without its structure. */
export function textOfBlocks(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOfBlocks).filter(Boolean).join(' ');
  if (!isRecord(value)) return '';
  if (typeof value.text === 'string') return value.text;
  return Array.isArray(value.children) ? value.children.map(textOfBlocks).join(value.type === 'list' ? ' ' : '') : '';
}
