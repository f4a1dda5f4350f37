import type { DroppedContent } from './document';

/** The notice after a paste. */
export type PasteNotice =
  | { kind: 'dropped'; dropped: readonly DroppedContent[] }
  /** Nothing was pasted. */
  | { kind: 'tooMuch' | 'unreadable' };

/** The notice of what was not kept; null if everything was. */
export function noticeOf(dropped: readonly DroppedContent[]): PasteNotice | null {
  return dropped.length > 0 ? { kind: 'dropped', dropped } : null;
}
