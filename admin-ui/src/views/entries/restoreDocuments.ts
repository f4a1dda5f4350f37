import { type EntryOutcome, publishMany, toRefusedOutcome } from '@/api/bulk';
import type { LocaleState } from '@/api/content';
import { restoreDeleted } from '@/api/deletedDocuments';
import type { ContentType } from '@/api/model';

/** Brings deleted documents back from the bin as drafts, and publishes again those that were published as they were. */
export async function restoreDocuments(
  type: Pick<ContentType, 'uid' | 'draftAndPublish'>,
  ids: readonly string[],
  /** How they stood before they were deleted. */
  states: Readonly<Record<string, { locales: readonly LocaleState[] }>>,
  batch?: string,
): Promise<readonly EntryOutcome[]> {
  const outcomes: EntryOutcome[] = [];
  for (const documentId of ids) {
    outcomes.push(
      await restoreDeleted(type.uid, documentId, batch).then(
        () => ({ documentId, done: true }),
        (cause: unknown) => toRefusedOutcome(documentId, cause),
      ),
    );
  }
  if (!type.draftAndPublish) return outcomes;
  const byLocale = new Map<string | undefined, string[]>();
  for (const { documentId, done } of outcomes) {
    for (const { locale, status } of done ? (states[documentId]?.locales ?? []) : []) {
      if (status !== 'published') continue;
      byLocale.set(locale ?? undefined, [...(byLocale.get(locale ?? undefined) ?? []), documentId]);
    }
  }
  for (const [locale, published] of byLocale)
    outcomes.push(...(await publishMany(type, 'publish', published, locale, batch)).filter((outcome) => !outcome.done));
  return outcomes;
}
