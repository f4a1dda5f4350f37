import type { Dropped } from './document';

/** What is said after a paste. */
export type PasteNotice =
  | { kind: 'dropped'; dropped: readonly Dropped[] }
  /** Nothing was pasted. */
  | { kind: 'tooMuch' | 'unreadable' };

/** What to say of what was not kept; nothing where all was. */
export function noticeOf(dropped: readonly Dropped[]): PasteNotice | null {
  return dropped.length > 0 ? { kind: 'dropped', dropped } : null;
}
