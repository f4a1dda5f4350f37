import type { ContentType, Model } from '@/api/model';
import type { ViewDef } from '@/views/definition';
import { nodesOf } from '@/views/filters/filter';
import { STAGE_FIELD } from '@/views/fieldPath';
import { parseView } from '@/views/parseView';
import { readEditorial } from '@/views/review/editorial';
import type { ListSearch } from '../addresses';
import type { ListState } from './useListState';
import { endField, groupingField, laneField, NO_END, viewsOf } from './viewKinds';

/** What a list shows, in the words of the views. */
export function definitionOf(
  type: ContentType,
  { search, filter, columns, sort }: Pick<ListState, 'search' | 'filter' | 'columns' | 'sort'>,
  staged = search.group === STAGE_FIELD,
): ViewDef {
  const shared = {
    type: type.uid,
    sort: [sort],
    ...(nodesOf(filter).length > 0 ? { filters: filter } : {}),
    ...(search.q ? { search: search.q } : {}),
    ...(search.locale ? { locale: search.locale } : {}),
    ...(search.status ? { status: search.status } : {}),
    ...readEditorial({ ...search }),
  };
  const view = viewsOf(type, staged).find((one) => one === search.view) ?? 'table';
  switch (view) {
    case 'kanban':
      return { kind: view, ...shared, groupBy: groupingField(type, view, search, staged) };
    case 'timeline': {
      const [end, lanes] = [endField(type, search), laneField(type, search)];
      return {
        kind: view,
        ...shared,
        date: groupingField(type, view, search),
        ...(end ? { endDate: end } : {}),
        ...(lanes ? { groupBy: lanes } : {}),
        ...(search.scale ? { scale: search.scale } : {}),
      };
    }
    case 'calendar':
      return { kind: view, ...shared, date: groupingField(type, view, search) };
    case 'gallery':
      return { kind: view, ...shared, cover: groupingField(type, view, search) };
    case 'tree':
      return { kind: view, ...shared, parent: groupingField(type, view, search) };
    case 'table':
      return { kind: view, ...shared, columns };
  }
}

/** The address of a saved view; `undefined` where the model has changed so that it cannot be shown any more. */
export function searchOf(definition: unknown, model: Model, saved: number): ListSearch | undefined {
  const { view } = parseView(definition, model);
  if (!view || view.kind === 'form' || view.kind === 'dashboard') return undefined;
  return {
    saved,
    view: view.kind === 'table' ? undefined : view.kind,
    q: view.search,
    sort: view.sort?.[0],
    filters: view.filters,
    locale: view.locale,
    status: view.status,
    ...readEditorial({ ...view }),
    columns: view.kind === 'table' ? view.columns?.map(({ field }) => field) : undefined,
    group: view.kind === 'kanban' || view.kind === 'timeline' ? view.groupBy : undefined,
    date: view.kind === 'calendar' || view.kind === 'timeline' ? view.date : undefined,
    end: view.kind === 'timeline' ? (view.endDate ?? NO_END) : undefined,
    scale: view.kind === 'timeline' ? view.scale : undefined,
    cover: view.kind === 'gallery' ? view.cover : undefined,
    parent: view.kind === 'tree' ? view.parent : undefined,
  };
}
