import { duplicateEntry, runEntryAction } from '@/api/content';
import { contentTypeOf, type Model } from '@/api/model';
import type { ViewDocument } from '@/api/pluginViews';

export type BuiltInAction = (id: string, document: ViewDocument | undefined) => Promise<void>;

/** Cairn's own actions, which a view may offer without saying how they work. They are done with the rights of whoever presses the button. */
export function builtInAction(
  model: Model,
  goTo: (path: string) => void,
  /** Called when entries have changed. */
  changed: () => Promise<unknown>,
): BuiltInAction {
  return async (id, document) => {
    if (!document) return;
    const type = contentTypeOf(model, document.contentType);
    if (!type) return;
    const { documentId, locale } = document;
    const search = `?${locale ? `locale=${encodeURIComponent(locale)}&` : ''}form=true`;
    const form = (entry: string): string => `/content/${type.uid}/${encodeURIComponent(entry)}${search}`;
    switch (id) {
      case 'publish':
      case 'unpublish':
        await runEntryAction(type, documentId, id, locale ? { locales: [locale] } : {}, 'any');
        return;
      case 'delete': {
        const { deleteWithUndo } = await import('@/views/entries/deleteWithUndo');
        await deleteWithUndo(type, documentId, { locale, precondition: 'any', changed });
        return;
      }
      case 'duplicate':
        goTo(form(await duplicateEntry(type, documentId, locale)));
        return;
      // What goes into which release is said in the entry's form.
      case 'edit':
      case 'release':
        goTo(form(documentId));
        return;
      default:
    }
  };
}
