/** How a field stands, as a frame that draws it is told. */
interface FieldState {
  /** Of its attribute. */
  name: string;
  label: string;
  value: unknown;
  /** The kind of its value, as the schema has it. */
  type: string;
  required: boolean;
  readOnly: boolean;
  /** What is wrong with it, in the reader's language. */
  errors: string[];
}

/** The field of the open form that a frame draws. */
export interface OpenField {
  read: () => FieldState;
  /** Calls when it stands otherwise; answers how to end it. */
  watch: (listener: () => void) => () => void;
  /** Whether a value is of the kind that the field has. */
  fits: (value: unknown) => boolean;
  /** Takes a value over, as if it had been typed. */
  set: (value: unknown) => void;
}
