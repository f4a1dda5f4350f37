import { type ComponentType, createContext, useContext } from 'react';
import type { Model } from '@/api/model';
import type { ViewDocument } from '@/api/pluginViews';
import type { EntryNavigation } from '@/views/dashboard/DashboardView';
import { type Label, labelText } from '@/views/definition';
import type { Viewer } from '@/views/entries/entryQuery';
import type { FilterGroup } from '@/views/filters/filter';
import type { Block } from './types';

/** What somebody has chosen in a view: in the address of a page, elsewhere as long as it is looked at. */
export interface ViewChoices {
  tab: string | undefined;
  filters: unknown;
  parameters: Readonly<Record<string, string>>;
  set: (change: {
    tab?: string | undefined;
    filters?: unknown;
    parameters?: Record<string, string | undefined>;
  }) => void;
}

/** Does what a button of a view says. `document` is what the button is about, else what the view is about. */
export type RunAction = (action: string, values: Record<string, unknown>, document?: ViewDocument) => Promise<void>;

/** What the blocks of a view share. */
export interface ViewHost {
  plugin: string;
  view: string;
  document: ViewDocument | undefined;
  /** Much room (a page) or little (beside a form, on the home page). */
  roomy: boolean;
  model: Model;
  viewer: Viewer;
  navigation: EntryNavigation;
  language: string;
  choices: ViewChoices;
  act: RunAction;
  /** Leads to a path of the admin UI. */
  goTo: (path: string) => void;
}

export const ViewContext = createContext<ViewHost | null>(null);

export function useView(): ViewHost {
  const host = useContext(ViewContext);
  if (!host) throw new Error('a block of a view is outside of one');
  return host;
}

/** Texts of a view in the language of whoever reads. */
export function useLabels(): { (label: Label): string; (label: Label | undefined): string | undefined } {
  const { language } = useView();
  return ((label: Label | undefined) => labelText(label, language)) as ReturnType<typeof useLabels>;
}

/** What a filter bar around a block asks of the types it is for. */
export interface TypeFilter {
  type: string;
  filter: FilterGroup;
}

export const TypeFiltersContext = createContext<readonly TypeFilter[]>([]);

/** The filter of a query with what the bars around it ask. */
export function narrowFilter(
  own: FilterGroup | undefined,
  type: string,
  around: readonly TypeFilter[],
): FilterGroup | undefined {
  const more = around.filter((one) => one.type === type).map((one) => one.filter);
  if (more.length === 0) return own;
  return { and: [...(own ? [own] : []), ...more] };
}

/** How deep headings of blocks stand: a block in another one stands lower. */
export const HeadingContext = createContext<2 | 3 | 4>(2);

/** Draws blocks. A context, since blocks have blocks in them. */
export const BlocksContext = createContext<ComponentType<{ blocks: readonly Block[] }> | null>(null);
