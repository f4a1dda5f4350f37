import type { ColumnDef, FormattedField, Label } from '@/views/definition';
import type { Period } from '@/views/dashboard/periods';
import type { FilterGroup } from '@/views/filters/filter';
import type { Tone } from '@/views/tones';
import type { Schema } from '../schema/schema';

// The words of a plugin's views, as `plugins/wit/v0.1/view.schema.json` has them. The server has checked what arrives here.

export interface DocumentRef {
  type: string;
  documentId: string;
  locale?: string;
}

export interface ActionBlock {
  id: string;
  label?: Label;
  /** The plugin's action; without it `id` is one of Cairn's own. */
  call?: string;
  confirm?: Label;
  tone?: Tone;
  icon?: string;
  values?: Record<string, unknown>;
  schema?: Schema;
  disabled?: Label;
}

/** What happens when an entry of a view is moved, where that is more than saving it in its new place. */
export interface MoveBlock {
  label?: Label;
  /** Asked before. */
  confirm?: Label;
  /** The plugin's action that moves it; without it the entry is saved. */
  call?: string;
  /** Handed to the action. */
  values?: Record<string, unknown>;
  /** Values that may be needed: the required ones are asked for before, others once the move is refused for them. */
  schema?: Schema;
}

export interface ValueItem {
  label: Label;
  value: string | number | boolean | null;
  format?:
    | 'text'
    | 'number'
    | 'money'
    | 'percent'
    | 'date'
    | 'datetime'
    | 'duration'
    | 'email'
    | 'link'
    | 'badge'
    | 'code';
  currency?: string;
  tone?: Tone;
  document?: DocumentRef;
}

/** A field of a document, with a name of its own and how its values are shown. */
export interface FieldItem extends FormattedField {
  label?: Label;
}

/** What is counted: a block of its own, or the `count` of a number in `stats`, which needs no `kind`. */
export interface CountBlock {
  kind?: 'count';
  type: string;
  filters?: FilterGroup;
}

/** Documents of a type as items of a feed, by a date. */
export interface FeedSource {
  type: string;
  date: string;
  title?: string;
  text?: string;
  details?: ColumnDef[];
  label?: Label;
  icon?: string;
  tone?: Tone;
  filters?: FilterGroup;
  status?: 'draft' | 'published';
}

interface BlockKinds {
  stack: { show: Block[]; live?: string[]; zone?: string };
  header: { title: Label; subtitle?: Label; badge?: { label: Label; tone?: Tone }; actions?: ActionBlock[] };
  text: { text: Label; format?: 'plain' | 'markdown'; tone?: Tone };
  fields: {
    label?: Label;
    items?: ValueItem[];
    document?: DocumentRef;
    fields?: (string | FieldItem)[];
    edit?: boolean | string[];
  };
  table: { type: string; actions?: ActionBlock[] };
  kanban: { type: string; actions?: ActionBlock[]; move?: MoveBlock };
  calendar: { type: string; actions?: ActionBlock[]; move?: MoveBlock };
  timeline: { type: string; actions?: ActionBlock[]; move?: MoveBlock };
  gallery: { type: string; actions?: ActionBlock[] };
  tree: { type: string; actions?: ActionBlock[] };
  chart: {
    label?: Label;
    mark: 'bar' | 'line' | 'area' | 'pie' | 'funnel';
    stacked?: boolean;
    format?: 'number' | 'money' | 'percent';
    currency?: string;
    type?: string;
    filters?: FilterGroup;
    groupBy?: string;
    period?: Period;
    measure?: 'sum' | 'average' | 'median';
    field?: string;
    x?: Label[];
    series?: { label: Label; values: (number | null)[]; tone?: Tone }[];
  };
  stats: { items: { label: Label; value?: string | number; count?: CountBlock; hint?: Label; tone?: Tone }[] };
  form: {
    label?: Label;
    type?: string;
    documentId?: string;
    locale?: string;
    sections?: { label?: Label; fields: string[] }[];
    schema?: Schema;
    values?: Record<string, unknown>;
    call?: string;
    submit?: Label;
    confirm?: Label;
  };
  steps: {
    label?: Label;
    items: { label: Label; state: 'done' | 'current' | 'waiting' | 'failed' | 'skipped'; text?: Label; at?: string }[];
  };
  feed: { label?: Label; sources: FeedSource[]; empty?: Label };
  actions: { items: ActionBlock[] };
  tabs: { items: { id?: string; label: Label; show: Block[] }[] };
  columns: { items: { span?: 1 | 2 | 3; show: Block[] }[] };
  empty: { title: Label; text?: Label; icon?: string; actions?: ActionBlock[] };
  'document-link': { document: DocumentRef; label?: Label };
  'filter-bar': {
    type?: string;
    fields?: string[];
    parameters?: { name: string; label: Label; value?: string; options?: { value: string; label: Label }[] }[];
    show: Block[];
  };
  file: { file: string; label?: Label; as?: 'link' | 'image' | 'document' };
  diff: { label?: Label; before: string; after: string; format?: 'text' | 'json' };
  dashboard: { label?: Label; widgets: { id: string; label: Label; span?: 1 | 2 | 3; show: Block }[] };
  count: { type: string; filters?: FilterGroup };
  breakdown: { type: string; groupBy: string; filters?: FilterGroup };
}

export type BlockKind = keyof BlockKinds;

/** One thing that is drawn. Whatever its kind, it may say what is drawn where that is not known. */
export type Block = { [K in BlockKind]: { kind: K; fallback?: Block } & BlockKinds[K] }[BlockKind];

export type BlockOf<K extends BlockKind> = Extract<Block, { kind: K }>;
