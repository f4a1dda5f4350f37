import { type DocumentState, listEntries } from '@/api/content';
import { readReview, type Review } from '@/api/editorial';
import { type Attributes, contentTypeOf, type Model } from '@/api/model';
import { attributesOf, isItem, isRecord, type RelationItem, type Values } from '@/fields/form/values';
import type { EntrySession } from './session';

/** An entry that this one leads to, by which of its fields. */
export interface RelatedEntry {
  uid: string;
  documentId: string;
  title: string;
  field: string;
}

/** What somebody wants to know before an entry is public. */
export interface PublishConcerns {
  /** Entries that it leads to and that readers would not see. */
  unpublished: RelatedEntry[];
  /** What the review still asks for: without it the server refuses. */
  review: Review | null;
}

/** All entries that values lead to, each once, also from within components. */
export function relatedOf(model: Model, attributes: Attributes, values: Values, at = ''): RelatedEntry[] {
  const related = new Map<string, RelatedEntry>();
  for (const [name, attribute] of Object.entries(attributes)) {
    const field = at === '' ? name : `${at}.${name}`;
    const list: unknown[] = Array.isArray(values[name]) ? values[name] : [values[name]];
    for (const value of list) {
      if (attribute.type === 'relation' && isRecord(value)) {
        const target = value as unknown as RelationItem;
        const uid = target.__type ?? attribute.target;
        if (uid)
          related.set(`${uid} ${target.documentId}`, {
            uid,
            documentId: target.documentId,
            title: target.title,
            field,
          });
      } else if (isItem(value)) {
        for (const inner of relatedOf(model, attributesOf(model, value.__component), value, field))
          related.set(`${inner.uid} ${inner.documentId}`, inner);
      }
    }
  }
  return [...related.values()];
}

/** Whether readers see none of it: in this locale, where its type has them. */
export function isUnseen(state: DocumentState | undefined, locale: string | undefined): boolean {
  if (!state) return false;
  const current = state.locales.find((each) => each.locale === locale);
  return (current?.status ?? state.status) === 'draft';
}

/** So many are asked about in one request. */
const PAGE_SIZE = 100;

async function loadUnpublished(session: EntrySession): Promise<RelatedEntry[]> {
  const { model, type, store, locale } = session;
  const all = relatedOf(model, type.attributes, store.values);
  const types = [...new Set(all.map((each) => each.uid))];
  const found = await Promise.all(
    types.map(async (uid) => {
      const target = contentTypeOf(model, uid);
      if (!target?.draftAndPublish || !target.can.find || target.kind === 'singleType') return [];
      const batch = all.filter((each) => each.uid === uid).slice(0, PAGE_SIZE);
      const { states } = await listEntries(target, {
        fields: ['documentId'],
        filters: { documentId: { $in: batch.map((each) => each.documentId) } },
        pagination: { pageSize: PAGE_SIZE, withCount: false },
        ...(target.localized && locale ? { locale } : {}),
      });
      return batch.filter((each) => isUnseen(states[each.documentId], target.localized ? locale : undefined));
    }),
  );
  return found.flat();
}

/** What there is to know before publishing. What cannot be found out keeps nobody from it: the server has the last word. */
export async function loadConcerns(session: EntrySession): Promise<PublishConcerns> {
  const { type, documentId, locale } = session;
  const [unpublished, review] = await Promise.all([
    loadUnpublished(session).catch(() => []),
    documentId ? readReview({ uid: type.uid, documentId, locale }).catch(() => null) : null,
  ]);
  return { unpublished, review: review && !review.publish.allowed ? review : null };
}
