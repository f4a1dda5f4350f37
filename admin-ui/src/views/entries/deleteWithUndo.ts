import i18next from 'i18next';
import { deleteEntry, type LocaleState, type Precondition, readEntry } from '@/api/content';
import type { ContentType } from '@/api/model';
import { languageName } from '@/ui/format';
import { showToast } from '@/ui/toast';
import { restoreDocuments } from './restoreDocuments';

interface DeleteOptions {
  /** `undefined`: all locales. */
  locale: string | undefined;
  precondition: Exclude<Precondition, 'absent'>;
  /** How its locales stand, where that is known: what is published as it is will be published again by undo. */
  locales?: readonly LocaleState[];
  title?: string | undefined;
  /** Called when it is deleted, and again when it is back. */
  changed: () => Promise<unknown>;
}

/** Deletes a document, or one locale of it, and shows that it is gone, with the way back from the bin. */
export async function deleteWithUndo(
  type: ContentType,
  documentId: string,
  { locale, precondition, locales, title, changed }: DeleteOptions,
): Promise<void> {
  const before = locales ?? (await loadLocales(type, documentId, locale));
  await deleteEntry(type, documentId, locale, precondition);
  const t = i18next.getFixedT(null, 'views');
  const deleted = before.filter((each) => locale === undefined || each.locale === locale);
  const undo = async () => {
    const outcomes = await restoreDocuments(type, [documentId], { [documentId]: { locales: deleted } });
    await changed();
    const failed = outcomes.find(({ done }) => !done);
    if (failed) showToast({ message: t('deleted.failed', { message: failed.error?.message ?? '' }), failed: true });
    else showToast({ message: t('deleted.undone') });
  };
  const message =
    type.localized && locale !== undefined
      ? t('deleted.locale', { language: languageName(locale) })
      : title
        ? t('deleted.title', { title })
        : t('deleted.entry');
  showToast({ message, undo });
  void changed();
}

/** How a document stands in its locales. Where that cannot be read it can be deleted all the same, and comes back as a draft. */
async function loadLocales(
  type: ContentType,
  documentId: string,
  locale: string | undefined,
): Promise<readonly LocaleState[]> {
  const read = await readEntry(type, documentId, { locale }).catch(() => null);
  return read?.state?.locales ?? [];
}
