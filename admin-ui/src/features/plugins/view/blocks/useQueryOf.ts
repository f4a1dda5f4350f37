import { useContext, useMemo } from 'react';
import type { Query } from '@/api/content';
import { type ContentType, contentTypeOf } from '@/api/model';
import type { EntriesViewDef, FigureDef } from '@/views/definition';
import { foundOf } from '@/views/entries/found';
import { parseView } from '@/views/parseView';
import type { ViewProblem } from '@/views/problems';
import { narrowed, NarrowingContext, useView } from '../context';

interface Asked<Def> {
  type: ContentType | undefined;
  definition: Def | undefined;
  found: Query;
  problems: readonly ViewProblem[];
}

/** Keys of a block that are not words of the generic views. */
const OUTSIDE = ['fallback', 'actions'];

/** Reads a block as the generic view of its kind, narrowed by the filter bars around it. */
export function useEntriesOf(block: object): Asked<EntriesViewDef> {
  const { model, reader } = useView();
  const around = useContext(NarrowingContext);
  return useMemo(() => {
    const plain = Object.fromEntries(Object.entries(block).filter(([key]) => !OUTSIDE.includes(key)));
    const { view, problems } = parseView(plain, model);
    const definition = view && view.kind !== 'form' && view.kind !== 'dashboard' ? view : undefined;
    const type = definition && contentTypeOf(model, definition.type);
    if (!definition || !type) return { type, definition: undefined, found: {}, problems };
    const filters = narrowed(definition.filters, type.uid, around);
    const asked = { ...definition, ...(filters ? { filters } : {}) };
    return { type, definition: asked, found: foundOf(type, asked, reader), problems };
  }, [block, model, reader, around]);
}

/** What is counted. Where a block says so of itself, or is a part of another block, it may leave out its `kind`. */
interface Figure {
  type: string;
  filters?: unknown;
  groupBy?: string;
}

/** The same of what is counted. A figure is read as the widget of a dashboard, which has the same words. */
export function useFigureOf(kind: 'count' | 'breakdown', { type: uid, filters, groupBy }: Figure): Asked<FigureDef> {
  const { model, reader } = useView();
  const around = useContext(NarrowingContext);
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
    if (!figure || !type) return { type, definition: undefined, found: {}, problems };
    const all = narrowed(figure.filters, uid, around);
    const asked = { ...figure, ...(all ? { filters: all } : {}) };
    return { type, definition: asked, found: foundOf(type, asked, reader), problems };
  }, [kind, uid, filters, groupBy, model, reader, around]);
}
