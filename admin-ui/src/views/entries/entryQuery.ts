import type { Query } from '@/api/content';
import type { ContentType, Model } from '@/api/model';
import type { FilterGroup } from '../filters/filter';
import { toQuery } from '../filters/toQuery';
import { type EditorialFilter, readEditorial } from '../review/editorial';

/** Who looks, and when: what `me` and spans of time mean. */
export interface Viewer {
  model: Model;
  now: Date;
  me: string;
  /** The language of whoever says none. */
  locale: string;
}

/** Which entries a declaration asks for, as the content API takes it. */
export function buildEntryQuery(
  type: ContentType,
  definition: {
    filters?: FilterGroup;
    search?: string;
    locale?: string;
    status?: 'draft' | 'published';
  } & EditorialFilter,
  { model, now, me, locale }: Viewer,
): Query {
  const filters = definition.filters ? toQuery(definition.filters, { model, type, now, me }) : undefined;
  return {
    ...(filters ? { filters } : {}),
    ...(definition.search ? { _q: definition.search } : {}),
    ...(type.localized ? { locale: definition.locale ?? locale } : {}),
    ...readEditorial({ ...definition }),
    ...(definition.status ? { status: definition.status } : {}),
  };
}
