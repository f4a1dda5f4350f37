import type { ContentType } from '@/api/model';
import type { DashboardWidgetDef } from '@/views/definition';
import { readable } from '@/views/fieldPath';
import { type FilterGroup, NO_FILTER, nodesOf } from '@/views/filters/filter';
import { defaultColumns } from '@/views/table/columns';
import type { ListView } from '../routes';
import { definitionOf } from '../list/savedView';
import { viewsOf } from '../list/viewKinds';

export type Show = DashboardWidgetDef['show'];

/** The kinds of widget that somebody can choose. */
export type WidgetKind = 'count' | 'breakdown' | ListView;

/** Columns of a list on a dashboard that nobody has changed. */
const COLUMNS = 3;

/** The kinds that a type can be shown by. */
export function kindsOf(type: ContentType): WidgetKind[] {
  return ['count', ...(sharesOf(type).length > 0 ? (['breakdown'] as const) : []), ...viewsOf(type)];
}

/** Fields whose values can be counted. */
export function sharesOf(type: ContentType): string[] {
  return readable(type).filter((name) => ['enumeration', 'boolean'].includes(type.attributes[name]?.type ?? ''));
}

/** A widget of a kind, as it begins: with the fields that serve best. */
export function showOf(kind: WidgetKind, type: ContentType, filters: FilterGroup = NO_FILTER): Show {
  const kept = nodesOf(filters).length > 0 ? { filters } : {};
  if (kind === 'count') return { kind, type: type.uid, ...kept };
  if (kind === 'breakdown') return { kind, type: type.uid, groupBy: sharesOf(type)[0] ?? '', ...kept };
  const columns = defaultColumns(type)
    .slice(0, COLUMNS)
    .map(({ field }) => ({ field }));
  return definitionOf(type, { search: { view: kind }, filter: filters, columns, sort: 'updatedAt:desc' }) as Show;
}

/** The list with one of it at another place. */
export function moved<Item>(list: readonly Item[], at: number, by: number): Item[] {
  const next = [...list];
  const [item] = next.splice(at, 1);
  if (item !== undefined) next.splice(at + by, 0, item);
  return next;
}
