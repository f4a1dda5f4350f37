import { listEntries, type Query } from '@/api/content';
import { type ContentType, type Model, SITE_USER_UID } from '@/api/model';
import type { RelationItem } from '../form/values';
import { relationItemOf } from '../form/wire';

/** The attribute that documents are known by, where the reader may read it. */
export function readableTitleOf({ titleField, can }: ContentType): string | undefined {
  return titleField !== null && (can.fields.read?.includes(titleField) ?? true) ? titleField : undefined;
}

/** The attributes that say what documents are called, where the first of them may be read. */
function titleFieldsOf(type: ContentType): string[] {
  const title = readableTitleOf(type);
  return title === undefined ? [] : type.titleFallback ? [title, type.titleFallback] : [title];
}

/** The attributes of site users that name them, of those that the reader may read. Their addresses tell apart who is called alike. */
function siteUserFields({ titleField, titleFallback, can }: ContentType): string[] {
  const names = new Set([titleField, titleFallback, 'username', 'email']);
  return [...names].filter((name) => typeof name === 'string' && (can.fields.read?.includes(name) ?? true)) as string[];
}

/** What finds the documents of a type by words that somebody types: of site users by their names and addresses, not by how they sign in. */
export function searchTargets(type: ContentType, text: string): Query {
  if (text === '') return {};
  const fields = type.uid === SITE_USER_UID ? siteUserFields(type) : [];
  if (fields.length === 0) return { _q: text };
  return { filters: { $or: fields.map((name) => ({ [name]: { $containsi: text } })) } };
}

/** A page of the entries that a query finds, as a relation holds them, by title. */
export async function listTargets(
  model: Model,
  type: ContentType,
  query: Query & { locale?: string | undefined },
  signal?: AbortSignal,
): Promise<{ items: RelationItem[]; total: number }> {
  const { locale, ...rest } = query;
  const fields = type.uid === SITE_USER_UID ? siteUserFields(type) : titleFieldsOf(type);
  const { entries, states, total } = await listEntries(
    type,
    {
      ...(fields.length > 0 ? { fields, sort: [`${fields[0]}:asc`] } : {}),
      ...rest,
      ...(type.localized && locale ? { locale } : {}),
    },
    signal,
  );
  const items = entries.map((entry): RelationItem => {
    // What has no drafts is public, and nothing has to say so.
    const status = type.draftAndPublish ? states[entry.documentId]?.status : undefined;
    return { ...relationItemOf(model, type.uid, entry), ...(status ? { status } : {}) };
  });
  return { items, total };
}
