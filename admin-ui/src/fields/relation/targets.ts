import { listEntries, type Query } from '@/api/content';
import type { ContentType, Model } from '@/api/model';
import type { RelationItem } from '../form/values';
import { relationItemOf } from '../form/wire';

/** The attribute that documents are known by, where the reader may read it. */
export function readableTitleOf({ titleField, can }: ContentType): string | undefined {
  return titleField !== null && (can.fields.read?.includes(titleField) ?? true) ? titleField : undefined;
}

/** A page of the entries that a query finds, as a relation holds them, by title. */
export async function listTargets(
  model: Model,
  type: ContentType,
  query: Query & { locale?: string | undefined },
  signal?: AbortSignal,
): Promise<{ items: RelationItem[]; total: number }> {
  const title = readableTitleOf(type);
  const { locale, ...rest } = query;
  const { entries, states, total } = await listEntries(
    type,
    {
      ...(title
        ? { fields: [title, ...(type.titleFallback ? [type.titleFallback] : [])], sort: [`${title}:asc`] }
        : {}),
      ...rest,
      ...(type.localized && locale ? { locale } : {}),
    },
    signal,
  );
  const items = entries.map((entry): RelationItem => {
    const status = states[entry.documentId]?.status;
    return { ...relationItemOf(model, type.uid, entry), ...(status ? { status } : {}) };
  });
  return { items, total };
}
