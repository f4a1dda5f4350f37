/**
 * The words in which a view is declared: data, so that a page, a saved view and a plugin say the same thing in the same
 * way. `parseView` reads them from anywhere; README.md beside this file is their manual.
 */

import type { FilterGroup } from './filters/filter';
import type { EditorialFilter } from './review/editorial';
import type { Tone } from './tones';

export const VIEW_KINDS = ['table', 'kanban', 'calendar', 'timeline', 'gallery', 'tree', 'form', 'dashboard'] as const;

export type ViewKind = (typeof VIEW_KINDS)[number];

/** A text for people: the same in every language, or one per language of the admin UI. */
export type Label = string | Readonly<Record<string, string>>;

/** `field:asc`, `field:desc`. */
export type Sort = `${string}:${'asc' | 'desc'}`;

/** What can be done with the entries that are chosen. */
export interface ActionDef {
  /** One of Cairn's own, or with `call` whatever the plugin answers to. */
  id: string;
  label?: Label;
  /** Name of the plugin's action. */
  call?: string;
  /** Asks before, with this text. */
  confirm?: Label;
}

/** Cairn's own actions, which a view may offer without saying how they work. */
export const BUILT_IN_ACTIONS = ['publish', 'unpublish', 'delete', 'duplicate', 'edit', 'release'] as const;

/** What all views of entries have. */
interface EntriesView extends EditorialFilter {
  /** Uid of the content type. */
  type: string;
  label?: Label;
  filters?: FilterGroup;
  sort?: readonly Sort[];
  /** Words to look for. */
  search?: string;
  /** A content locale; without it the one that is chosen, or the default. */
  locale?: string;
  /** `draft`: as they are edited. `published`: as visitors see them. */
  status?: 'draft' | 'published';
  actions?: readonly ActionDef[];
}

/** What a card shows besides its title. */
interface CardOptions {
  /** Field of the title; without it the type's own. */
  title?: string;
  /** Field of kind media. */
  cover?: string;
  badges?: readonly CardBadge[];
}

/** A field of a card by its path, or with how its values are shown. */
export type CardBadge = string | FormattedField;

/** A word that stands for a stored value. */
export interface ValueLabel {
  label: Label;
  tone?: Tone;
}

export const COLUMN_FORMATS = ['money', 'countdown', 'user'] as const;

/** A field, and how its values are shown where their kind does not decide. */
export interface FormattedField {
  /** Path of the field: `title`, `vehicle.name`, `updatedAt`, `status`. */
  field: string;
  /** What is shown for stored values; others are shown as they are. */
  values?: Readonly<Record<string, ValueLabel>>;
  /**
   * `money`: a number as an amount. `countdown`: a datetime as the time that is left until then, or has passed since. `user`: the id of
   * an admin as their name.
   */
  format?: (typeof COLUMN_FORMATS)[number];
  /** Of `money`: a code of ISO 4217. */
  currency?: string;
  /** Of `money`: the field with the code. */
  currencyField?: string;
  /** Of `countdown`: the field that has a value once nobody waits any more. */
  stoppedBy?: string;
}

export interface ColumnDef extends FormattedField {
  label?: Label;
  /** In pixels. */
  width?: number;
  /** Stays at the left while the others are scrolled. */
  pinned?: boolean;
}

export interface TableViewDef extends EntriesView {
  kind: 'table';
  columns?: readonly ColumnDef[];
}

/** A column of a board: the value of its cards, and how it is shown. */
export interface BoardColumnDef {
  value: string;
  /** Instead of the value. */
  label?: Label;
  tone?: Tone;
  /** Cards that it should have at most. More are shown as too many, and not refused. */
  limit?: number;
}

export const SUM_FORMATS = ['number', 'money'] as const;

/** What is added up in each column of a board. */
export interface BoardSum {
  /** Path of a number. */
  field: string;
  format?: (typeof SUM_FORMATS)[number];
  /** Of `money`: a code of ISO 4217. */
  currency?: string;
  /** Of `money`: the field with the code; each currency is added up by itself. */
  currencyField?: string;
}

export interface KanbanViewDef extends EntriesView, CardOptions {
  kind: 'kanban';
  /**
   * An enumeration, a boolean, a relation to one entry, a text or a whole number: a card that is moved gets the value of its column.
   * `review.stage`: the stages of the review.
   */
  groupBy: string;
  /** Values in the order of the columns; without it all, which are not known of texts and numbers. */
  columns?: readonly (string | BoardColumnDef)[];
  sum?: BoardSum;
  /** A text of the type that keeps the order of the cards within their column, greater values first. */
  order?: string;
}

export interface CalendarViewDef extends EntriesView, CardOptions {
  kind: 'calendar';
  /** A date or datetime: an entry that is moved gets the day it is dropped on. */
  date: string;
  endDate?: string;
  mode?: 'month' | 'week' | 'agenda';
}

export interface TimelineViewDef extends EntriesView, CardOptions {
  kind: 'timeline';
  date: string;
  endDate?: string;
  /** A lane for each value. */
  groupBy?: string;
  scale?: 'week' | 'month' | 'year';
}

export interface GalleryViewDef extends EntriesView, CardOptions {
  kind: 'gallery';
  cover: string;
}

export interface TreeViewDef extends EntriesView, CardOptions {
  kind: 'tree';
  /** A relation of the type to one of its own: what an entry lies below. */
  parent: string;
}

export interface FormSection {
  label?: Label;
  fields: readonly string[];
}

export interface FormViewDef {
  kind: 'form';
  type: string;
  label?: Label;
  sections: readonly FormSection[];
}

/** A number, or numbers per value, on a dashboard. */
export interface FigureDef extends EditorialFilter {
  kind: 'count' | 'breakdown';
  type: string;
  filters?: FilterGroup;
  /** Of a breakdown: the enumeration or boolean whose values are counted. */
  groupBy?: string;
}

export interface DashboardWidgetDef {
  id: string;
  label: Label;
  /** Columns of three. */
  span?: 1 | 2 | 3;
  show: FigureDef | Exclude<ViewDef, DashboardViewDef | FormViewDef>;
}

export interface DashboardViewDef {
  kind: 'dashboard';
  label?: Label;
  widgets: readonly DashboardWidgetDef[];
}

export type EntriesViewDef =
  | TableViewDef
  | KanbanViewDef
  | CalendarViewDef
  | TimelineViewDef
  | GalleryViewDef
  | TreeViewDef;

export type ViewDef = EntriesViewDef | FormViewDef | DashboardViewDef;

/** A label in a language; another one's where it has none in that. */
export function labelText(label: Label | undefined, language: string): string | undefined {
  if (label === undefined || typeof label === 'string') return label;
  return label[language] ?? label.en ?? Object.values(label)[0];
}
