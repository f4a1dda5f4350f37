// A document as the plugin reads it.

/** A stored document: its fields, and what every document has. */
export type Row<T> = T & {
  /** The id that all locales and both statuses share. */
  documentId: string;
  /** Grows with each write; for `Batch.updateAt`. */
  version?: number;
  /** Of a localised document. */
  locale?: string | null;
};

/** Fields of a type that nobody has described. */
export type Fields = Record<string, unknown>;
