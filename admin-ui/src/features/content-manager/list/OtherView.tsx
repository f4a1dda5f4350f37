import { Skeleton } from '@mantine/core';
import { useCallback, useMemo } from 'react';
import type { Entry, Query } from '@/api/content';
import type { ContentType, Model } from '@/api/model';
import { DelayedContent } from '@/ui/DelayedContent';
import { lazyPart } from '@/ui/lazyPart';
import { STATUS_FIELD } from '@/views/fieldPath';
import type { ListView, TimelineScale } from '../addresses';
import type { ListState } from './useListState';
import { endField, groupingField, laneField } from './viewKinds';

const KanbanView = lazyPart(async () => ({ default: (await import('@/views/kanban/KanbanView')).KanbanView }));
const CalendarView = lazyPart(async () => ({ default: (await import('@/views/calendar/CalendarView')).CalendarView }));
const TimelineView = lazyPart(async () => ({ default: (await import('@/views/timeline/TimelineView')).TimelineView }));
const TreeView = lazyPart(async () => ({ default: (await import('@/views/tree/TreeView')).TreeView }));
const GalleryView = lazyPart(async () => ({ default: (await import('@/views/gallery/GalleryView')).GalleryView }));

interface Props {
  model: Model;
  type: ContentType;
  view: Exclude<ListView, 'table'>;
  /** Whether its documents are reviewed. */
  staged: boolean;
  state: ListState;
  query: Query;
  href: (entry: Entry) => string;
  open: (entry: Entry) => void;
  locale: string | undefined;
}

/** The entries in a view other than the table: its declaration is made of what the address says. */
export function OtherView({ view, state, staged, ...rest }: Props) {
  const { type } = rest;
  const field = groupingField(type, view, state.search, staged);
  const { sort, status, scale } = state.search;
  const end = endField(type, state.search);
  const lanes = laneField(type, state.search);
  const { set } = state;
  const onScale = useCallback((next: TimelineScale) => set({ scale: next }), [set]);
  const shared = useMemo(
    () => ({
      type: type.uid,
      ...(sort ? { sort: [sort] } : {}),
      ...(status ? { status } : {}),
      ...(type.draftAndPublish ? { badges: [STATUS_FIELD] } : {}),
    }),
    [type, sort, status],
  );
  const definitions = useMemo(
    () => ({
      kanban: { kind: 'kanban' as const, groupBy: field, ...shared },
      calendar: { kind: 'calendar' as const, date: field, ...shared },
      timeline: {
        kind: 'timeline' as const,
        date: field,
        ...(end ? { endDate: end } : {}),
        ...(lanes ? { groupBy: lanes } : {}),
        ...(scale ? { scale } : {}),
        ...shared,
      },
      tree: { kind: 'tree' as const, parent: field, ...shared },
      gallery: { kind: 'gallery' as const, cover: field, ...shared },
    }),
    [field, end, lanes, scale, shared],
  );
  const fallback = (
    <DelayedContent>
      <Skeleton h={320} />
    </DelayedContent>
  );
  return (
    <>
      {view === 'kanban' && <KanbanView key={field} {...rest} definition={definitions.kanban} fallback={fallback} />}
      {view === 'calendar' && <CalendarView {...rest} definition={definitions.calendar} fallback={fallback} />}
      {view === 'timeline' && (
        <TimelineView {...rest} definition={definitions.timeline} fallback={fallback} onScale={onScale} />
      )}
      {view === 'tree' && <TreeView key={field} {...rest} definition={definitions.tree} fallback={fallback} />}
      {view === 'gallery' && <GalleryView {...rest} definition={definitions.gallery} fallback={fallback} />}
    </>
  );
}
