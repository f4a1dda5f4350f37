import type { ContentType } from '@/api/model';
import { leadsToMany, readable } from '@/views/fieldPath';
import type { ListSearch, ListView } from '../routes';

/** What a view other than the table is made by. */
export interface ViewField {
  key: 'group' | 'date' | 'cover';
  /** Fields of the type that serve. */
  fields: readonly string[];
}

const KINDS = {
  group: ['enumeration', 'boolean', 'relation'],
  date: ['date', 'datetime', 'timestamp'],
  cover: ['media'],
};

const NEEDS: Record<Exclude<ListView, 'table'>, ViewField['key']> = { kanban: 'group', calendar: 'date', gallery: 'cover' };

/** The field that a view is made by, and those of a type that serve. */
export function viewField(type: ContentType, view: Exclude<ListView, 'table'>): ViewField {
  const key = NEEDS[view];
  const serves = (name: string): boolean => {
    const attribute = type.attributes[name];
    if (!attribute || !KINDS[key].includes(attribute.type)) return false;
    return attribute.type !== 'relation' || (attribute.target !== undefined && !leadsToMany(attribute));
  };
  return { key, fields: [...readable(type).filter(serves), ...(key === 'date' ? ['createdAt', 'updatedAt'] : [])] };
}

/** The kinds of view in which a type can be seen. */
export function viewsOf(type: ContentType): ListView[] {
  const others = (['kanban', 'calendar', 'gallery'] as const).filter((view) => viewField(type, view).fields.length > 0);
  return ['table', ...others];
}

/** The field that is chosen, or the first that serves. */
export function chosenField(type: ContentType, view: Exclude<ListView, 'table'>, search: ListSearch): string {
  const { key, fields } = viewField(type, view);
  return fields.find((field) => field === search[key]) ?? fields[0] ?? '';
}
