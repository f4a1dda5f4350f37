// For tests alone: nothing of the product imports this.

import type { ContentType } from '@/api/model';
import { testModel } from '@/views/testModel';
import { loadedEntry, openSession } from '../testing';

/** An attribute of which each language has its own value. */
export const localised = (type: string) => ({ type, pluginOptions: { i18n: { localized: true } } });

/** An attribute that all languages share. */
export const shared = (type: string) => ({ type, pluginOptions: { i18n: { localized: false } } });

/** A content type in several languages with these attributes. */
export function localisedType(attributes: Record<string, object>): ContentType {
  return { ...testModel.contentTypes[0], localized: true, attributes } as unknown as ContentType;
}

/** The same entry open in English and, beside it, in Dutch. */
export const openSides = (type: ContentType, open: object, beside: object) => ({
  open: openSession(type, loadedEntry(open), 'en'),
  beside: openSession(type, loadedEntry(beside), 'nl'),
});
