import { useQueries, useQuery } from '@tanstack/react-query';
import { type DocumentStatus, listEntries } from '@/api/content';
import { modelQuery } from '@/api/contentTypes';
import { type ContentType, contentTypeOf } from '@/api/model';
import { titleOf } from '@/views/cells/Card';
import { titleFields } from '@/views/fieldPath';

/** A document in a language, as items and suggestions of releases name it. */
export interface ItemRef {
  contentType: string;
  documentId: string;
  locale: string | null;
}

/** What is shown of the entry of an item. */
export interface ItemEntry {
  title: string;
  /** How it stands now; absent while that is not known. */
  status: DocumentStatus | undefined;
  type: ContentType | undefined;
}

/** Entries that one request asks for. */
const PAGE_SIZE = 100;

/** What the entries of items are called and how they stand, with one request for each type, language and hundred of them. */
export function useItemEntries(items: readonly ItemRef[]): (item: ItemRef) => ItemEntry {
  const { data: model } = useQuery(modelQuery);
  const questions = questionsOf(items).flatMap((question) => {
    const type = contentTypeOf(model, question.uid);
    return type?.kind === 'collectionType' ? [{ ...question, type }] : [];
  });
  const answers = useQueries({
    queries: questions.map(({ type, locale, ids }) => ({
      queryKey: ['content', type.uid, 'items', locale, ids],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        listEntries(
          type,
          {
            filters: { documentId: { $in: ids } },
            fields: ['documentId', ...titleFields(type)],
            pagination: { pageSize: PAGE_SIZE, withCount: false },
            ...(locale ? { locale } : {}),
          },
          signal,
        ),
    })),
  });
  const found = new Map<string, ItemEntry>();
  questions.forEach(({ type, key }, at) => {
    const answer = answers[at]?.data;
    for (const entry of answer?.entries ?? []) {
      const { documentId } = entry;
      found.set(`${key} ${documentId}`, {
        title: titleOf(type, entry),
        status: answer?.states[documentId]?.status,
        type,
      });
    }
  });
  return ({ contentType, documentId, locale }) => {
    const known = found.get(`${contentType} ${locale} ${documentId}`);
    if (known) return known;
    const type = contentTypeOf(model, contentType);
    const title = type?.kind === 'singleType' ? type.info.displayName : documentId;
    return { title, status: undefined, type };
  };
}

interface Question {
  key: string;
  uid: string;
  locale: string | null;
  ids: string[];
}

/** Items by type and language, in groups that one request can ask for. */
export function questionsOf(items: readonly ItemRef[]): Question[] {
  const groups = new Map<string, { uid: string; locale: string | null; ids: Set<string> }>();
  for (const { contentType, documentId, locale } of items) {
    const key = `${contentType} ${locale}`;
    const group = groups.get(key) ?? { uid: contentType, locale, ids: new Set() };
    group.ids.add(documentId);
    groups.set(key, group);
  }
  return [...groups].flatMap(([key, { uid, locale, ids }]) => {
    const all = [...ids];
    return Array.from({ length: Math.ceil(all.length / PAGE_SIZE) }, (_, page) => ({
      key,
      uid,
      locale,
      ids: all.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE),
    }));
  });
}
