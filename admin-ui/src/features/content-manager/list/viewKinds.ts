import type { ContentType } from '@/api/model';
import { leadsToMany, readableFields, STAGE_FIELD } from '@/views/fieldPath';
import type { ListSearch, ListView } from '../addresses';

/** What a view other than the table is made by. */
export interface ViewField {
  key: 'group' | 'date' | 'cover' | 'parent';
  /** Fields of the type that serve. */
  fields: readonly string[];
}

const KINDS = {
  group: ['enumeration', 'boolean', 'relation'],
  date: ['date', 'datetime', 'timestamp'],
  cover: ['media'],
  parent: ['relation'],
};

const REQUIRED_FIELD: Record<Exclude<ListView, 'table'>, ViewField['key']> = {
  kanban: 'group',
  calendar: 'date',
  timeline: 'date',
  gallery: 'cover',
  tree: 'parent',
};

/** The field that a view is made by, and those of a type that serve. `staged`: its documents are reviewed, so a board may have their stages. */
export function viewField(type: ContentType, view: Exclude<ListView, 'table'>, staged = false): ViewField {
  const key = REQUIRED_FIELD[view];
  const serves = (name: string): boolean => {
    const attribute = type.attributes[name];
    if (!attribute || !KINDS[key].includes(attribute.type)) return false;
    if (key === 'parent' && attribute.target !== type.uid) return false;
    return attribute.type !== 'relation' || (attribute.target !== undefined && !leadsToMany(attribute));
  };
  const more = key === 'date' ? ['createdAt', 'updatedAt'] : view === 'kanban' && staged ? [STAGE_FIELD] : [];
  return { key, fields: [...readableFields(type).filter(serves), ...more] };
}

/** The kinds of view in which a type can be seen. */
export function viewsOf(type: ContentType, staged = false): ListView[] {
  const others = (['kanban', 'calendar', 'timeline', 'gallery', 'tree'] as const).filter(
    (view) => viewField(type, view, staged).fields.length > 0,
  );
  return ['table', ...others];
}

/** Fields that can end what begins with `date`: those of the same kind. */
export function endFields(type: ContentType, date: string): string[] {
  const kind = type.attributes[date]?.type;
  return kind
    ? viewField(type, 'timeline').fields.filter((field) => field !== date && type.attributes[field]?.type === kind)
    : [];
}

const END_FIELD_NAME = /end|until|finish|due|einde|tot$/i;

/** The field that ends: the one that is chosen, none where that was said, else one whose name says so. */
export function endField(type: ContentType, search: ListSearch): string | undefined {
  const fields = endFields(type, groupingField(type, 'timeline', search));
  if (search.end === NO_END) return undefined;
  return fields.find((field) => field === search.end) ?? fields.find((field) => END_FIELD_NAME.test(field));
}

/** In the place of a field: a timeline of days alone. */
export const NO_END = '-';

/** Fields by whose values a timeline has lanes. */
export function laneFields(type: ContentType): readonly string[] {
  return viewField(type, 'kanban').fields;
}

/** The lanes that are chosen; without it there is one. */
export function laneField(type: ContentType, search: ListSearch): string | undefined {
  return laneFields(type).find((field) => field === search.group);
}

/** The field that is chosen, or the first that serves. */
export function groupingField(
  type: ContentType,
  view: Exclude<ListView, 'table'>,
  search: ListSearch,
  staged = search.group === STAGE_FIELD,
): string {
  const { key, fields } = viewField(type, view, staged);
  return fields.find((field) => field === search[key]) ?? fields[0] ?? '';
}
