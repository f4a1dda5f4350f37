import type { Query } from '@/api/content';
import type { ContentType, Model } from '@/api/model';
import type { FilterGroup } from '../filters/filter';
import { toQuery } from '../filters/toQuery';
import { type Editorial, readEditorial } from '../review/editorial';

/** Who looks, and when: what `me` and spans of time mean. */
export interface Reader {
  model: Model;
  now: Date;
  me: string;
  /** The language of whoever says none. */
  locale: string;
}

/** Which entries a declaration asks for, as the content API takes it. */
export function foundOf(
  type: ContentType,
  asked: { filters?: FilterGroup; search?: string; locale?: string; status?: 'draft' | 'published' } & Editorial,
  { model, now, me, locale }: Reader,
): Query {
  const filters = asked.filters ? toQuery(asked.filters, { model, type, now, me }) : undefined;
  return {
    ...(filters ? { filters } : {}),
    ...(asked.search ? { _q: asked.search } : {}),
    ...(type.localized ? { locale: asked.locale ?? locale } : {}),
    ...readEditorial({ ...asked }),
    ...(asked.status ? { status: asked.status } : {}),
  };
}
