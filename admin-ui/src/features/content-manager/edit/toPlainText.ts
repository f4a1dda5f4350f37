import { isRecord } from '@/fields/form/values';
import { textOfBlocks } from '@/fields/form/summary';

/** A value of whatever kind as text that a person can compare: titles of what it leads to, names of files, texts of blocks. */
export function toPlainText(value: unknown, depth = 0): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return String(value);
  if (depth > 6) return '…';
  if (Array.isArray(value)) {
    const text = value.some((part) => isRecord(part) && 'children' in part) ? value.map(textOfBlocks).join('\n') : '';
    return text || value.map((part) => toPlainText(part, depth + 1)).join('\n');
  }
  if (!isRecord(value)) return '';
  if (typeof value.documentId === 'string' && (value.title !== undefined || value.name !== undefined))
    return String(value.title ?? value.name);
  if (typeof value.url === 'string' && typeof value.name === 'string') return value.name;
  return Object.entries(value)
    .filter(
      ([name, part]) =>
        !['id', '__key', '__component'].includes(name) && part !== null && part !== undefined && part !== '',
    )
    .map(([name, part]) => `${name}: ${toPlainText(part, depth + 1)}`)
    .join('\n');
}
