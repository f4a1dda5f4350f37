/** The form of an entry that is open, as far as a frame beside it has to do with it. */
export interface OpenForm {
  contentType: string;
  documentId: string;
  locale: string | undefined;
  /** The values as they stand, typed or saved, in the shape in which the content API takes them. */
  read: () => Record<string, unknown>;
  /** Calls when a value has changed; answers how to end it. */
  watch: (listener: () => void) => () => void;
  /** What a field is called; nothing where it may not be changed by a proposal. */
  labelOf: (name: string) => string | undefined;
  /** Takes over values, as if they had been typed. */
  apply: (values: Record<string, unknown>) => void;
}
