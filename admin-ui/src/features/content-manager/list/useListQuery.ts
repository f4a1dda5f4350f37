import { useMemo, useState } from 'react';
import type { Query } from '@/api/content';
import type { ContentType, Model } from '@/api/model';
import { useSession } from '@/api/session';
import { type EditorialFilter, readEditorial } from '@/views/review/editorial';
import { selectFields } from '@/views/selection';
import { columnFields, type TableColumn } from '@/views/table/columns';
import { isNarrowed, type ListConditions, toListQuery } from './listQuery';
import type { ListState } from './useListState';

interface ListQueries {
  editorial: EditorialFilter;
  narrowed: boolean;
  /** For views that choose order and fields themselves. */
  listQuery: Query;
  /** For the table: in its order, with the fields of its columns. */
  tableQuery: Query;
}

/** The queries that the state of a list asks for. They stay the same until what they depend on changes. */
export function useListQuery(
  model: Model,
  type: ContentType,
  { search, filter, sort }: ListState,
  columns: readonly TableColumn[],
  locale: string | undefined,
): ListQueries {
  const { me } = useSession();
  const [now] = useState(() => new Date());
  const { standing, stage, assignee, due, q, status } = search;
  const editorial = useMemo(() => readEditorial({ standing, stage, assignee, due }), [standing, stage, assignee, due]);
  const conditions = useMemo((): ListConditions => ({ filter, editorial, q, status }), [filter, editorial, q, status]);
  const listQuery = useMemo(
    () => toListQuery(conditions, { model, type, now, me: me.email, locale }),
    [conditions, model, type, now, me.email, locale],
  );
  // As text: new column objects with the same fields are no new query. Cards say when an entry changed, whatever the columns are.
  const fields = useMemo(() => [...columnFields(type, columns), 'updatedAt'].join(' '), [type, columns]);
  const tableQuery = useMemo(
    (): Query => ({ ...listQuery, sort: [sort], ...selectFields(model, type, fields.split(' ')) }),
    [listQuery, sort, model, type, fields],
  );
  return { editorial, narrowed: isNarrowed(conditions), listQuery, tableQuery };
}
