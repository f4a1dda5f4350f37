import type { ContentType } from '@/api/model';
import type { DashboardWidgetDef } from '@/views/definition';
import { readableFields } from '@/views/fieldPath';
import { type FilterGroup, NO_FILTER, nodesOf } from '@/views/filters/filter';
import { defaultColumns } from '@/views/table/columns';
import type { ListView } from '../addresses';
import { definitionOf } from '../list/savedView';
import { viewsOf } from '../list/viewKinds';

export type WidgetContentDef = DashboardWidgetDef['show'];

/** The kinds of widget that somebody can choose. */
export type WidgetKind = 'count' | 'breakdown' | ListView;

/** Columns of a list on a dashboard that nobody has changed. */
const DEFAULT_COLUMN_COUNT = 3;

/** The kinds that a type can be shown by. */
export function widgetKinds(type: ContentType): WidgetKind[] {
  return ['count', ...(countableFields(type).length > 0 ? (['breakdown'] as const) : []), ...viewsOf(type)];
}

/** Fields whose values can be counted. */
export function countableFields(type: ContentType): string[] {
  return readableFields(type).filter((name) => ['enumeration', 'boolean'].includes(type.attributes[name]?.type ?? ''));
}

/** A widget of a kind, as it begins: with the fields that serve best. */
export function showOf(kind: WidgetKind, type: ContentType, filters: FilterGroup = NO_FILTER): WidgetContentDef {
  const filterOption = nodesOf(filters).length > 0 ? { filters } : {};
  if (kind === 'count') return { kind, type: type.uid, ...filterOption };
  if (kind === 'breakdown') return { kind, type: type.uid, groupBy: countableFields(type)[0] ?? '', ...filterOption };
  const columns = defaultColumns(type)
    .slice(0, DEFAULT_COLUMN_COUNT)
    .map(({ field }) => ({ field }));
  return definitionOf(type, {
    search: { view: kind },
    filter: filters,
    columns,
    sort: 'updatedAt:desc',
  }) as WidgetContentDef;
}

/** The list with one of it at another place. */
export function moveItem<Item>(list: readonly Item[], at: number, by: number): Item[] {
  const next = [...list];
  const [item] = next.splice(at, 1);
  if (item !== undefined) next.splice(at + by, 0, item);
  return next;
}
