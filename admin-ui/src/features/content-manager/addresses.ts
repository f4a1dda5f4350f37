import { defineAddress, type Target } from '@/app/address';
import { type EditorialFilter, readEditorial } from '@/views/review/editorial';
import { createAddress, entryAddress } from './edit/addresses';

/** The kinds of view that a list offers. */
const LIST_VIEWS = ['table', 'kanban', 'calendar', 'timeline', 'gallery', 'tree'] as const;

/** A kind of view that a list offers. */
export type ListView = (typeof LIST_VIEWS)[number];

const SCALES = ['week', 'month', 'year'] as const;

/** A stretch of time that a timeline shows at once. */
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

/** Reads the search parameters of a list. */
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

/** All types that have content. */
export const contentAddress = defineAddress({ path: '/content' });

/** The list of a type's entries. */
export const listAddress = defineAddress({ path: '/content/$uid', search: readListSearch });

/** The bin of a type: entries that were deleted. */
export const binAddress = defineAddress({ path: '/content/$uid/bin' });

/** A saved view by itself: a form, a dashboard. Lists open theirs in their own page. */
export const viewAddress = defineAddress({ path: '/views/$id' });

/** The beginnings of a view that is not there yet. */
export interface NewViewSearch {
  kind?: 'form' | 'dashboard';
  type?: string;
}

/** The word in place of a view's number for one that is not there yet. */
export const NEW_VIEW = 'new';

/** The form in which a view is made or changed. */
export const viewEditAddress = defineAddress({
  path: '/views/$id/edit',
  search: (raw): NewViewSearch =>
    omitUndefined({
      kind: raw.kind === 'form' || raw.kind === 'dashboard' ? raw.kind : undefined,
      type: readText(raw.type),
    }),
});

/** The page of one entry. */
export function entryTarget(uid: string, documentId: string, locale?: string | null): Target {
  return entryAddress.to({ uid, documentId }, locale ? { locale } : {});
}

/** The preview of one entry as a user of the site sees it. */
export function seeAsTarget(uid: string, documentId: string, user: string): Target {
  return entryAddress.to({ uid, documentId }, { preview: true, form: true, seeAs: user });
}

/** The page on which an entry is made. */
export function newEntryTarget(uid: string, locale?: string | null): Target {
  return createAddress.to({ uid }, locale ? { locale } : {});
}
