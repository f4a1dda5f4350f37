import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { listEntries, type Query } from '@/api/content';
import { contentTypeOf } from '@/api/model';
import type { EntriesViewProps } from '../EntriesViewProps';
import type { KanbanViewDef } from '../definition';
import { resolveField, STAGE_FIELD } from '../fieldPath';
import { useWorkflow } from '../review/useWorkflow';

/** A column of a board. */
export interface BoardColumn {
  /** The value that its cards have; `null` for those without one. */
  value: string | null;
  label: string;
  /** What narrows a query to its cards. */
  narrow: (found: Query) => Query;
  /** Of a stage: its colour. */
  colour?: string | undefined;
  /** What is saved when a card is moved here. */
  saved: unknown;
}

/** Columns of one board at most; beyond that a table with a filter serves better. */
const MAX_COLUMNS = 30;

/** Narrows by a filter of the content API. */
function narrowBy(filter: Record<string, unknown>): (found: Query) => Query {
  return (found) => ({ ...found, filters: found.filters ? { $and: [found.filters, filter] } : filter });
}

/** The columns of a board: the stages of the review, the values of an enumeration, yes and no, or the entries of a relation; and those without. */
export function useColumns({ model, type, definition, locale }: EntriesViewProps<KanbanViewDef>): {
  columns: BoardColumn[];
  error: unknown;
  isPending: boolean;
} {
  const { t } = useTranslation('views');
  const { groupBy } = definition;
  const attribute = resolveField(model, type, groupBy)?.attribute;
  const target = attribute?.type === 'relation' ? contentTypeOf(model, attribute.target) : undefined;
  const related = useQuery({
    queryKey: ['content', target?.uid, 'columns', locale],
    enabled: target !== undefined,
    queryFn: ({ signal }) => {
      if (!target) throw new Error('there is no such type');
      const title = target.titleField ?? 'documentId';
      return listEntries(
        target,
        {
          fields: [title],
          sort: [`${title}:asc`],
          pagination: { pageSize: MAX_COLUMNS },
          ...(target.localized && locale ? { locale } : {}),
        },
        signal,
      );
    },
  });
  const workflow = useWorkflow(type);
  const none: BoardColumn = {
    value: null,
    label: t('board.none'),
    narrow: narrowBy({ [groupBy]: { $null: true } }),
    saved: target ? { set: [] } : null,
  };
  const values = (
    list: readonly { value: string; label: string }[],
    saved: (value: string) => unknown,
    filter: (value: string) => Record<string, unknown>,
  ): BoardColumn[] => {
    const wantedValues = definition.columns
      ? definition.columns.flatMap((value) => list.filter((item) => item.value === value))
      : list;
    return wantedValues.map(({ value, label }) => ({
      value,
      label,
      saved: saved(value),
      narrow: narrowBy(filter(value)),
    }));
  };
  if (groupBy === STAGE_FIELD) {
    const stages = (workflow?.stages ?? []).map(
      ({ name, colour }): BoardColumn => ({
        value: name,
        label: name,
        colour,
        saved: name,
        narrow: (found) => ({ ...found, stage: name }),
      }),
    );
    return {
      columns: definition.columns ? stages.filter(({ value }) => definition.columns?.includes(value ?? '')) : stages,
      error: null,
      isPending: false,
    };
  }
  const plain = (value: string): Record<string, unknown> => ({ [groupBy]: { $eq: value } });
  if (target) {
    const list = (related.data?.entries ?? []).map((entry) => ({
      value: entry.documentId,
      label: String((target.titleField && entry[target.titleField]) || entry.documentId),
    }));
    const columns = values(
      list,
      (value) => ({ set: [value] }),
      (value) => ({ [groupBy]: { documentId: { $eq: value } } }),
    );
    return { columns: related.isPending ? [] : [none, ...columns], error: related.error, isPending: related.isPending };
  }
  if (attribute?.type === 'boolean') {
    const list = [
      { value: 'true', label: t('filter.true') },
      { value: 'false', label: t('filter.false') },
    ];
    return { columns: [...values(list, (value) => value === 'true', plain), none], error: null, isPending: false };
  }
  const list = (attribute?.enum ?? []).map((value) => ({ value, label: value }));
  return {
    columns: [...values(list, (value) => value, plain), ...(attribute?.required ? [] : [none])],
    error: null,
    isPending: false,
  };
}
