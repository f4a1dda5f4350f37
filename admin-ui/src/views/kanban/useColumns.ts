import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { listEntries, type Query } from '@/api/content';
import { targetTypeOf } from '@/api/model';
import { valueOptions } from '@/fields/label';
import type { EntriesViewProps } from '../EntriesViewProps';
import { countQuery } from '../dashboard/figures';
import { type BoardColumnDef, type KanbanViewDef, labelText } from '../definition';
import { resolveField, STAGE_FIELD } from '../fieldPath';
import { useWorkflow } from '../review/useWorkflow';
import { COLOURS } from '../tones';

/** A column of a board. */
export interface BoardColumn {
  /** The value that its cards have; `null` for those without one. */
  value: string | null;
  label: string;
  /** What narrows a query to its cards. */
  narrow: (found: Query) => Query;
  /** Of a stage, or by its tone. */
  colour?: string | undefined;
  /** Cards that it should have at most. */
  limit?: number | undefined;
  /** What is saved when a card is moved here. */
  saved: unknown;
}

/** Columns of one board at most; beyond that a table with a filter serves better. */
const MAX_COLUMNS = 30;

/** Narrows by a filter of the content API. */
function narrowBy(filter: Record<string, unknown>): (found: Query) => Query {
  return (found) => ({ ...found, filters: found.filters ? { $and: [found.filters, filter] } : filter });
}

/** The columns that a board names, with all that it may say of them. */
function namedColumns({ columns }: Pick<KanbanViewDef, 'columns'>): BoardColumnDef[] | undefined {
  return columns?.map((column) => (typeof column === 'string' ? { value: column } : column));
}

/**
 * The columns of a board: the stages of the review, the values of an enumeration, yes and no, the entries of a relation, or the
 * values that are named; and those without.
 */
export function useColumns({ model, type, definition, query, locale }: EntriesViewProps<KanbanViewDef>): {
  columns: BoardColumn[];
  error: unknown;
  isPending: boolean;
} {
  const { t, i18n } = useTranslation('views');
  const { groupBy } = definition;
  const attribute = resolveField(model, type, groupBy)?.attribute;
  const target = attribute?.type === 'relation' ? targetTypeOf(model, attribute.target) : undefined;
  const wanted = namedColumns(definition);
  const ids = wanted?.map(({ value }) => value);
  // Where all of them have names, nobody has to be asked.
  const isNamed = wanted?.every(({ label }) => label !== undefined) ?? false;
  const related = useQuery({
    queryKey: ['content', target?.uid, 'columns', locale, ids],
    enabled: target !== undefined && !isNamed,
    queryFn: ({ signal }) => {
      if (!target) throw new Error('there is no such type');
      const title = target.titleField ?? 'documentId';
      return listEntries(
        target,
        {
          fields: [title],
          sort: [`${title}:asc`],
          pagination: { pageSize: MAX_COLUMNS },
          ...(ids ? { filters: { documentId: { $in: ids } } } : {}),
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
  // Beside columns that were chosen it is there only where something would be missing without it.
  const without = useQuery({ ...countQuery(type, none.narrow(query)), enabled: wanted !== undefined });
  const nones = wanted === undefined || (without.data ?? 0) > 0 ? [none] : [];
  /** Those that are wanted, in their order and as they are to be shown. */
  const choose = (list: readonly BoardColumn[]): BoardColumn[] => {
    if (!wanted) return [...list];
    return wanted.flatMap(({ value, label, tone, limit }) =>
      list
        .filter((column) => column.value === value)
        .map((column) => ({
          ...column,
          label: labelText(label, i18n.resolvedLanguage ?? 'en') ?? column.label,
          colour: tone ? `var(--mantine-color-${COLOURS[tone]}-6)` : column.colour,
          limit,
        })),
    );
  };
  const values = (
    list: readonly { value: string; label: string }[],
    saved: (value: string) => unknown,
    filter: (value: string) => Record<string, unknown>,
  ): BoardColumn[] =>
    choose(list.map(({ value, label }) => ({ value, label, saved: saved(value), narrow: narrowBy(filter(value)) })));
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
    return { columns: choose(stages), error: null, isPending: false };
  }
  const plain = (value: string): Record<string, unknown> => ({ [groupBy]: { $eq: value } });
  if (target) {
    const list = isNamed
      ? (ids ?? []).map((value) => ({ value, label: value }))
      : (related.data?.entries ?? []).map((entry) => ({
          value: entry.documentId,
          label: String((target.titleField && entry[target.titleField]) || entry.documentId),
        }));
    const columns = values(
      list,
      (value) => ({ set: [value] }),
      (value) => ({ [groupBy]: { documentId: { $eq: value } } }),
    );
    const isPending = !isNamed && related.isPending;
    return { columns: isPending ? [] : [...nones, ...columns], error: related.error, isPending };
  }
  if (attribute?.type === 'boolean') {
    const list = [
      { value: 'true', label: t('filter.true') },
      { value: 'false', label: t('filter.false') },
    ];
    return { columns: [...values(list, (value) => value === 'true', plain), ...nones], error: null, isPending: false };
  }
  const list = valueOptions(attribute, attribute?.enum ? [] : ids);
  const isNumber = attribute?.type === 'integer';
  return {
    columns: [
      ...values(list, (value) => (isNumber ? Number(value) : value), plain),
      ...(attribute?.required ? [] : nones),
    ],
    error: null,
    isPending: false,
  };
}
