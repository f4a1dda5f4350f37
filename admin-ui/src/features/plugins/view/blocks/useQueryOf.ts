import { useContext, useMemo } from 'react';
import type { Query } from '@/api/content';
import { type ContentType, contentTypeOf } from '@/api/model';
import type { EntriesViewDef, FigureDef } from '@/views/definition';
import { buildEntryQuery } from '@/views/entries/entryQuery';
import { parseView } from '@/views/parseView';
import type { ViewProblem } from '@/views/problems';
import { narrowFilter, TypeFiltersContext, useView } from '../context';

interface BlockQuery<Def> {
  type: ContentType | undefined;
  definition: Def | undefined;
  query: Query;
  problems: readonly ViewProblem[];
}

/** Keys of a block that are not words of the generic views. */
const NON_QUERY_KEYS = ['fallback', 'actions', 'move'];

/** Reads a block as the generic view of its kind, narrowed by the filter bars around it. */
export function useEntriesOf(block: object): BlockQuery<EntriesViewDef> {
  const { model, viewer } = useView();
  const around = useContext(TypeFiltersContext);
  return useMemo(() => {
    const plain = Object.fromEntries(Object.entries(block).filter(([key]) => !NON_QUERY_KEYS.includes(key)));
    const { view, problems } = parseView(plain, model);
    const definition = view && view.kind !== 'form' && view.kind !== 'dashboard' ? view : undefined;
    const type = definition && contentTypeOf(model, definition.type);
    if (!definition || !type) return { type, definition: undefined, query: {}, problems };
    const filters = narrowFilter(definition.filters, type.uid, around);
    const input = { ...definition, ...(filters ? { filters } : {}) };
    return { type, definition: input, query: buildEntryQuery(type, input, viewer), problems };
  }, [block, model, viewer, around]);
}

/** What is counted. Where a block says so of itself, or is a part of another block, it may leave out its `kind`. */
interface FigureQuery {
  type: string;
  filters?: unknown;
  groupBy?: string;
}

/** The same of what is counted. A figure is read as the widget of a dashboard, which has the same words. */
export function useFigureOf(
  kind: 'count' | 'breakdown',
  { type: uid, filters, groupBy }: FigureQuery,
): BlockQuery<FigureDef> {
  const { model, viewer } = useView();
  const around = useContext(TypeFiltersContext);
  return useMemo(() => {
    const show = {
      kind,
      type: uid,
      ...(filters === undefined ? {} : { filters }),
      ...(groupBy === undefined ? {} : { groupBy }),
    };
    const { view, problems } = parseView({ kind: 'dashboard', widgets: [{ id: 'x', label: 'x', show }] }, model);
    const figure = view?.kind === 'dashboard' ? (view.widgets[0]?.show as FigureDef | undefined) : undefined;
    const type = contentTypeOf(model, uid);
    if (!figure || !type) return { type, definition: undefined, query: {}, problems };
    const all = narrowFilter(figure.filters, uid, around);
    const input = { ...figure, ...(all ? { filters: all } : {}) };
    return { type, definition: input, query: buildEntryQuery(type, input, viewer), problems };
  }, [kind, uid, filters, groupBy, model, viewer, around]);
}
