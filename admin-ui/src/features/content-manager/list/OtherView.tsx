import { Skeleton } from '@mantine/core';
import { lazy, Suspense, useMemo } from 'react';
import type { Entry, Query } from '@/api/content';
import type { ContentType, Model } from '@/api/model';
import { Delayed } from '@/ui/Delayed';
import { STATUS_FIELD } from '@/views/fieldPath';
import type { ListView } from '../routes';
import type { ListState } from './useListState';
import { chosenField } from './viewKinds';

const KanbanView = lazy(async () => ({ default: (await import('@/views/kanban/KanbanView')).KanbanView }));
const CalendarView = lazy(async () => ({ default: (await import('@/views/calendar/CalendarView')).CalendarView }));
const GalleryView = lazy(async () => ({ default: (await import('@/views/gallery/GalleryView')).GalleryView }));

interface Props {
  model: Model;
  type: ContentType;
  view: Exclude<ListView, 'table'>;
  state: ListState;
  found: Query;
  href: (entry: Entry) => string;
  open: (entry: Entry) => void;
  locale: string | undefined;
}

/** The entries in a view other than the table: its declaration is made of what the address says. */
export function OtherView({ view, state, ...given }: Props) {
  const { type } = given;
  const field = chosenField(type, view, state.search);
  const { sort, status } = state.search;
  const shared = useMemo(
    () => ({ type: type.uid, ...(sort ? { sort: [sort] } : {}), ...(status ? { status } : {}), ...(type.draftAndPublish ? { badges: [STATUS_FIELD] } : {}) }),
    [type, sort, status],
  );
  const definitions = useMemo(
    () => ({
      kanban: { kind: 'kanban' as const, groupBy: field, ...shared },
      calendar: { kind: 'calendar' as const, date: field, ...shared },
      gallery: { kind: 'gallery' as const, cover: field, ...shared },
    }),
    [field, shared],
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
      {view === 'gallery' && <GalleryView {...given} definition={definitions.gallery} />}
    </Suspense>
  );
}
