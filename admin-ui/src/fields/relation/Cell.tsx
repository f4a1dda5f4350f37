import { isRecord } from '../form/values';
import { NoAccess, NoValue, TextCell } from '../shared/Cells';
import type { CellProps } from '../types';

/** The titles of what it leads to. */
export function Cell({ value }: CellProps) {
  if (value === undefined) return <NoAccess />;
  const targets = (Array.isArray(value) ? value : value ? [value] : []).filter(isRecord);
  if (targets.length === 0) return <NoValue />;
  return <TextCell value={targets.map((target) => titleOf(target)).join(', ')} />;
}

/** Of an answer that holds whole entries the first text in it that is no field of Strapi's. */
function titleOf(target: Record<string, unknown>): string {
  for (const name of ['title', 'name', 'displayName', 'label', 'username', 'email', 'slug']) {
    if (typeof target[name] === 'string' && target[name] !== '') return target[name];
  }
  const text = Object.entries(target).find(([name, value]) => typeof value === 'string' && !plain.has(name));
  return String(text?.[1] ?? target.documentId ?? '');
}

const plain = new Set(['documentId', 'createdAt', 'updatedAt', 'publishedAt', 'locale', '__type', 'status']);
