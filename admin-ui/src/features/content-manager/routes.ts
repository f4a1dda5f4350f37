import { defineRoute, type Target } from '@/ui/route';

/** The kinds of view that a list offers. */
export const LIST_VIEWS = ['table', 'kanban', 'calendar', 'gallery'] as const;

export type ListView = (typeof LIST_VIEWS)[number];

/** All that a list shows, in its address. `filters` is read against the model by the page. */
export interface ListSearch {
  view?: ListView;
  q?: string;
  sort?: `${string}:${'asc' | 'desc'}`;
  filters?: unknown;
  locale?: string;
  status?: 'draft' | 'published';
  columns?: string[];
  /** Field of the board's columns, or of the timeline's lanes. */
  group?: string;
  /** Field of the calendar's days. */
  date?: string;
  cover?: string;
  /** A saved view. */
  saved?: number;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
}

/** Leaves out what is not there, so that the address stays short. */
function given<Values extends object>(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Values;
}

export function readListSearch(raw: Record<string, unknown>): ListSearch {
  const sort = text(raw.sort);
  return given({
    view: LIST_VIEWS.find((view) => view === raw.view),
    q: text(raw.q),
    sort: sort && /^[\w.-]+:(asc|desc)$/.test(sort) ? (sort as ListSearch['sort']) : undefined,
    filters: typeof raw.filters === 'object' && raw.filters !== null ? raw.filters : undefined,
    locale: text(raw.locale),
    status: raw.status === 'draft' || raw.status === 'published' ? raw.status : undefined,
    columns: Array.isArray(raw.columns) ? raw.columns.filter((column): column is string => typeof column === 'string') : undefined,
    group: text(raw.group),
    date: text(raw.date),
    cover: text(raw.cover),
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

/** The page of one entry. */
export function entryTarget(uid: string, documentId: string, locale?: string | null): Target {
  return { to: '/content/$uid/$documentId', params: { uid, documentId }, search: locale ? { locale } : {} };
}

/** The page on which an entry is made. */
export function newEntryTarget(uid: string, locale?: string | null): Target {
  return { to: '/content/$uid/create', params: { uid }, search: locale ? { locale } : {} };
}
