import type { Entry } from '@/api/content';
import type { ContentType } from '@/api/model';
import type { ViewDocument } from '@/api/pluginViews';

/** The document of an entry that a view shows, in its language. */
export function documentOf(type: ContentType, entry: Entry, locale: string | undefined): ViewDocument {
  return {
    contentType: type.uid,
    documentId: entry.documentId,
    ...(type.localized && (entry.locale ?? locale) ? { locale: entry.locale ?? locale } : {}),
  };
}
