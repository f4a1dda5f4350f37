import type { ComponentType } from 'react';
import type { Attribute, AttributeType } from '@/api/model';

/** The kinds of attribute; each has a folder of that name beside this file. */
export type FieldKind = AttributeType;

/** What an input is given. It tells nobody but `onChange` what was typed. */
export interface InputProps<Value = unknown> {
  /** The path in the entry: `title`, `blocks.#k3.caption`. Unique on the page; ids are made of it. */
  name: string;
  label: string;
  attribute: Attribute;
  value: Value;
  // A method, so that inputs of all values fit one list: the form gives each the value of its own attribute.
  onChange(value: Value): void;
  /** What is wrong, already in the reader's language. */
  error?: string | undefined;
  disabled?: boolean | undefined;
  /** Why it is disabled. */
  reason?: string | undefined;
  /** The locale of the content, not of the screen. */
  locale?: string | undefined;
  required?: boolean | undefined;
  autoFocus?: boolean | undefined;
}

/** What a cell of a table, a card or a comparison is given. */
export interface CellProps {
  attribute: Attribute;
  value: unknown;
}

/** Strapi's filter operators. */
export type Operator =
  | '$eq'
  | '$eqi'
  | '$ne'
  | '$nei'
  | '$in'
  | '$notIn'
  | '$lt'
  | '$lte'
  | '$gt'
  | '$gte'
  | '$between'
  | '$contains'
  | '$containsi'
  | '$notContains'
  | '$notContainsi'
  | '$startsWith'
  | '$startsWithi'
  | '$endsWith'
  | '$endsWithi'
  | '$null'
  | '$notNull';

/** What the value of a filter is given. A value is text, or several of them for `$in`, `$notIn` and `$between`. */
export interface FilterProps {
  label: string;
  attribute: Attribute;
  operator: Operator;
  value: string | string[];
  onChange: (value: string | string[]) => void;
}

/** What the settings of an attribute are given in the type builder. */
export interface OptionsProps {
  attribute: Attribute;
  /** The whole attribute, changed. Keys that are not set are absent. */
  onChange: (attribute: Attribute) => void;
  disabled?: boolean | undefined;
  /** What can be named: other attributes of the type, types and components of the project. */
  choices: OptionChoices;
}

interface OptionChoices {
  /** Attributes beside this one, for `targetField`. */
  attributes: { value: string; label: string }[];
  contentTypes: { value: string; label: string }[];
  components: { value: string; label: string }[];
  /** Whether the type has locales. */
  localized: boolean;
}

/** Something wrong with a value: a key of the texts and what it names. */
export interface ValueProblem {
  key:
    | 'required'
    | 'tooShort'
    | 'tooLong'
    | 'tooSmall'
    | 'tooLarge'
    | 'tooFew'
    | 'tooMany'
    | 'notAnEmail'
    | 'notANumber'
    | 'notAnInteger'
    | 'outOfRange'
    | 'notADate'
    | 'notATime'
    | 'notOneOf'
    | 'pattern'
    | 'notJson'
    | 'notUid';
  params?: Record<string, string | number>;
}

/** What a list needs of a kind of attribute: how its values look, and what they can be asked. */
export interface FieldDisplay {
  Cell: ComponentType<CellProps>;
  /** None where the content API cannot filter by it. */
  operators: readonly Operator[];
}

/** A kind of attribute, as the admin UI shows it. */
export interface FieldUi extends FieldDisplay {
  Input: ComponentType<InputProps<never>>;
  /** Begins to fetch what its input loads by itself. A page that knows its fields asks for it while it waits for their values. */
  preload?: () => Promise<void>;
  /** The value of an entry that has none yet. */
  empty: (attribute: Attribute) => unknown;
  /** What is wrong with a value by itself, whatever the rest of the entry. `required` is asked for when publishing only. */
  check: (attribute: Attribute, value: unknown) => ValueProblem | null;
}
