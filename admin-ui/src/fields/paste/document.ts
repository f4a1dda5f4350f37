/** A piece of text that looks the same throughout, or a line break. */
export interface Run {
  text: string;
  bold?: boolean;
  italic?: boolean;
  underline?: boolean;
  strikethrough?: boolean;
  code?: boolean;
  link?: string;
}

export const runMarks = ['bold', 'italic', 'underline', 'strikethrough', 'code'] as const;

/** Texts; a line break is a run whose text is `\n`. */
export type Inline = Run[];

/** Where the bytes of a picture are. */
export type ImageSource =
  | { kind: 'data'; url: string }
  | { kind: 'file'; file: File }
  /** A file of this server's library, by its address. */
  | { kind: 'library'; url: string };

export interface PastedImage {
  source: ImageSource;
  alt: string;
}

export type PastedBlock =
  | { kind: 'paragraph'; content: Inline }
  | { kind: 'heading'; level: number; content: Inline }
  | { kind: 'quote'; content: Inline }
  | { kind: 'code'; text: string; language: string | null }
  /** An item of a list. Lists are flat, each item with its level, as the editor of blocks has them. */
  | { kind: 'item'; level: number; ordered: boolean; start?: number; checked?: boolean; content: Inline }
  | { kind: 'image'; image: PastedImage }
  /** `header`: the first row says what the columns are. */
  | { kind: 'table'; rows: Inline[][]; header: boolean }
  | { kind: 'rule' };

/** Where a clipboard comes from, as far as it tells. */
export type PasteSource = 'googleDocs' | 'word' | 'wordOnline' | 'libreOffice' | 'web' | 'markdown' | 'text';

/** What was not kept; each is a text of its own: `paste.dropped.<reason>`. */
export type DroppedReason =
  /** Became a list. */
  | 'table'
  | 'mergedCells'
  | 'rule'
  | 'embed'
  | 'control'
  | 'drawing'
  | 'comment'
  | 'colour'
  | 'superscript'
  | 'checkbox'
  | 'unsafeLink'
  | 'localLink'
  | 'remoteImage'
  | 'localImage'
  | 'imageKind'
  | 'tooManyImages'
  | 'underline'
  | 'listStart'
  | 'notAnImage';

/** What was not kept, how often, and where it can be found. */
export interface DroppedContent {
  reason: DroppedReason;
  count: number;
  /** Addresses of pictures that were not fetched, or names of files. */
  items?: { url?: string; name: string }[];
}

export interface PastedDocument {
  source: PasteSource;
  blocks: PastedBlock[];
  dropped: DroppedContent[];
}

/** Notes of what was not kept, in the order in which it was first met. */
export class DroppedNotes {
  readonly #notes = new Map<DroppedReason, DroppedContent>();

  add(reason: DroppedReason, item?: { url?: string; name: string }): void {
    let note = this.#notes.get(reason);
    if (!note) this.#notes.set(reason, (note = { reason, count: 0 }));
    note.count += 1;
    if (item && (note.items ??= []).length < 20) note.items.push(item);
  }

  list(): DroppedContent[] {
    return [...this.#notes.values()];
  }
}

/** Whether two runs look the same. */
export function sameLook(a: Run, b: Run): boolean {
  return a.link === b.link && runMarks.every((mark) => (a[mark] ?? false) === (b[mark] ?? false));
}

/** The words of a text, without its marks. */
export function plainText(content: Inline): string {
  return content.map((run) => run.text).join('');
}
