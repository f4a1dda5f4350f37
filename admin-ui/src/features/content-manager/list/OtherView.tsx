import { Skeleton } from '@mantine/core';
import { Suspense, useCallback, useMemo } from 'react';
import type { Entry, Query } from '@/api/content';
import type { ContentType, Model } from '@/api/model';
import { Delayed } from '@/ui/Delayed';
import { lazyPart } from '@/ui/lazyPart';
import { STATUS_FIELD } from '@/views/fieldPath';
import type { ListView, TimelineScale } from '../routes';
import type { ListState } from './useListState';
import { chosenEnd, chosenField, chosenLanes } from './viewKinds';

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
  found: Query;
  href: (entry: Entry) => string;
  open: (entry: Entry) => void;
  locale: string | undefined;
}

/** The entries in a view other than the table: its declaration is made of what the address says. */
export function OtherView({ view, state, staged, ...given }: Props) {
  const { type } = given;
  const field = chosenField(type, view, state.search, staged);
  const { sort, status, scale } = state.search;
  const end = chosenEnd(type, state.search);
  const lanes = chosenLanes(type, state.search);
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
  return (
    <Suspense
      fallback={
        <Delayed>
          <Skeleton h={320} />
        </Delayed>
      }
    >
      {view === 'kanban' && <KanbanView key={field} {...given} definition={definitions.kanban} />}
      {view === 'calendar' && <CalendarView {...given} definition={definitions.calendar} />}
      {view === 'timeline' && <TimelineView {...given} definition={definitions.timeline} onScale={onScale} />}
      {view === 'tree' && <TreeView key={field} {...given} definition={definitions.tree} />}
      {view === 'gallery' && <GalleryView {...given} definition={definitions.gallery} />}
    </Suspense>
  );
}
