import type { Query } from '@/api/content';
import { type FilterGroup, nodesOf } from '@/views/filters/filter';
import { type FilterContext, toQuery } from '@/views/filters/toQuery';
import type { EditorialFilter } from '@/views/review/editorial';
import type { ListSearch } from '../addresses';

/** What narrows a list. */
export interface ListConditions {
  filter: FilterGroup;
  editorial: EditorialFilter;
  q: string | undefined;
  status: ListSearch['status'];
}

/** The search parameters of publication state and review, unset. */
export const NO_EDITORIAL_SEARCH = { standing: undefined, stage: undefined, assignee: undefined, due: undefined };

/** The search parameters of every condition, unset. */
export const NO_CONDITIONS_SEARCH = { ...NO_EDITORIAL_SEARCH, filters: undefined, q: undefined, status: undefined };

interface ListQueryContext extends FilterContext {
  /** For types with locales. */
  locale: string | undefined;
}

/** The query for the entries of a list, whatever shows them: without order and fields. */
export function toListQuery({ filter, editorial, q, status }: ListConditions, context: ListQueryContext): Query {
  const filters = toQuery(filter, context);
  const { locale } = context;
  return {
    ...(filters ? { filters } : {}),
    ...(q ? { _q: q } : {}),
    ...(locale ? { locale } : {}),
    ...(status ? { status } : {}),
    ...editorial,
  };
}

/** Whether a list may show fewer entries than there are. */
export function isNarrowed({ filter, editorial, q, status }: ListConditions): boolean {
  return nodesOf(filter).length > 0 || q !== undefined || status !== undefined || Object.keys(editorial).length > 0;
}
