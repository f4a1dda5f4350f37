import { defineRoute, type Target } from '@/app/route';
import { type EditorialFilter, readEditorial } from '@/views/review/editorial';

/** The kinds of view that a list offers. */
const LIST_VIEWS = ['table', 'kanban', 'calendar', 'timeline', 'gallery', 'tree'] as const;

export type ListView = (typeof LIST_VIEWS)[number];

const SCALES = ['week', 'month', 'year'] as const;

export type TimelineScale = (typeof SCALES)[number];

/** All that a list shows, in its address. `filters` is read against the model by the page. */
export interface ListSearch extends EditorialFilter {
  view?: ListView;
  q?: string;
  sort?: `${string}:${'asc' | 'desc'}`;
  filters?: unknown;
  locale?: string;
  status?: 'draft' | 'published';
  columns?: string[];
  /** Field of the board's columns, or of the timeline's lanes. */
  group?: string;
  /** Field of the calendar's days, and of the timeline's beginnings. */
  date?: string;
  /** Field of the timeline's ends. */
  end?: string;
  scale?: TimelineScale;
  cover?: string;
  /** Field of what an entry of a tree lies below. */
  parent?: string;
  /** A saved view. */
  saved?: number;
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
}

/** Leaves out what is not there, so that the address stays short. */
function omitUndefined<Values extends object>(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Values;
}

export function readListSearch(raw: Record<string, unknown>): ListSearch {
  const sort = readText(raw.sort);
  return omitUndefined({
    view: LIST_VIEWS.find((view) => view === raw.view),
    q: readText(raw.q),
    sort: sort && /^[\w.-]+:(asc|desc)$/.test(sort) ? (sort as ListSearch['sort']) : undefined,
    filters: typeof raw.filters === 'object' && raw.filters !== null ? raw.filters : undefined,
    locale: readText(raw.locale),
    status: raw.status === 'draft' || raw.status === 'published' ? raw.status : undefined,
    columns: Array.isArray(raw.columns)
      ? raw.columns.filter((column): column is string => typeof column === 'string')
      : undefined,
    group: readText(raw.group),
    date: readText(raw.date),
    end: readText(raw.end),
    scale: SCALES.find((scale) => scale === raw.scale),
    cover: readText(raw.cover),
    parent: readText(raw.parent),
    ...readEditorial(raw),
    saved: typeof raw.saved === 'number' ? raw.saved : undefined,
  });
}

export const contentRoute = defineRoute({
  path: '/content',
  layout: 'app',
  title: 'list:content',
  page: () => import('./list/ContentIndexPage'),
});

export const listRoute = defineRoute({
  path: '/content/$uid',
  layout: 'app',
  title: 'list:content',
  search: readListSearch,
  page: () => import('./list/ListPage'),
});

export const binRoute = defineRoute({
  path: '/content/$uid/bin',
  layout: 'app',
  title: 'list:bin.title',
  page: () => import('./list/BinPage'),
});

/** A saved view by itself: a form, a dashboard. Lists open theirs in their own page. */
export const viewRoute = defineRoute({
  path: '/views/$id',
  layout: 'app',
  title: 'views:title',
  page: () => import('./saved/ViewPage'),
});

/** What a view that is not there yet begins with. */
export interface NewViewSearch {
  kind?: 'form' | 'dashboard';
  type?: string;
}

/** In the place of a view's number: one that is not there yet. */
export const NEW_VIEW = 'new';

export const viewEditRoute = defineRoute({
  path: '/views/$id/edit',
  layout: 'app',
  title: 'views:title',
  search: (raw): NewViewSearch =>
    omitUndefined({
      kind: raw.kind === 'form' || raw.kind === 'dashboard' ? raw.kind : undefined,
      type: readText(raw.type),
    }),
  page: () => import('./saved/ViewEditPage'),
});

/** The page of one entry. */
export function entryTarget(uid: string, documentId: string, locale?: string | null): Target {
  return { to: '/content/$uid/$documentId', params: { uid, documentId }, search: locale ? { locale } : {} };
}

/** The page on which an entry is made. */
export function newEntryTarget(uid: string, locale?: string | null): Target {
  return { to: '/content/$uid/create', params: { uid }, search: locale ? { locale } : {} };
}
