import type { ContentType, Model } from '@/api/model';
import type { ViewDef } from '@/views/definition';
import { nodesOf } from '@/views/filters/filter';
import { parseView } from '@/views/parseView';
import type { ListSearch } from '../routes';
import type { ListState } from './useListState';
import { chosenField, viewsOf } from './viewKinds';

/** What a list shows, in the words of the views. */
export function definitionOf(type: ContentType, { search, filter, columns, sort }: Pick<ListState, 'search' | 'filter' | 'columns' | 'sort'>): ViewDef {
  const shared = {
    type: type.uid,
    sort: [sort],
    ...(nodesOf(filter).length > 0 ? { filters: filter } : {}),
    ...(search.q ? { search: search.q } : {}),
    ...(search.locale ? { locale: search.locale } : {}),
    ...(search.status ? { status: search.status } : {}),
  };
  const view = viewsOf(type).find((one) => one === search.view) ?? 'table';
  switch (view) {
    case 'kanban':
      return { kind: view, ...shared, groupBy: chosenField(type, view, search) };
    case 'calendar':
      return { kind: view, ...shared, date: chosenField(type, view, search) };
    case 'gallery':
      return { kind: view, ...shared, cover: chosenField(type, view, search) };
    case 'table':
      return { kind: view, ...shared, columns };
  }
}

/** The address of a saved view; `undefined` where the model has changed so that it cannot be shown any more. */
export function searchOf(definition: unknown, model: Model, saved: number): ListSearch | undefined {
  const { view } = parseView(definition, model);
  if (!view || view.kind === 'form' || view.kind === 'dashboard' || view.kind === 'timeline') return undefined;
  return {
    saved,
    view: view.kind === 'table' ? undefined : view.kind,
    q: view.search,
    sort: view.sort?.[0],
    filters: view.filters,
    locale: view.locale,
    status: view.status,
    columns: view.kind === 'table' ? view.columns?.map(({ field }) => field) : undefined,
    group: view.kind === 'kanban' ? view.groupBy : undefined,
    date: view.kind === 'calendar' ? view.date : undefined,
    cover: view.kind === 'gallery' ? view.cover : undefined,
  };
}
