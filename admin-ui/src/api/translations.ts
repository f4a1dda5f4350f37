import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

/** Texts of an entry, and the languages that they are translated from and into. */
type TextsToTranslate = Schemas['TextsToTranslate'];

const PATH = '/admin/api/translations';

/** The plugin that translates; null where none runs. */
export const translationServiceQuery = queryOptions({
  queryKey: ['translation-service'],
  queryFn: async ({ signal }) =>
    (await request<{ data: Schemas['TranslationService'] }>('GET', PATH, { signal })).data.plugin,
});

/** Has texts translated, all or none. Nothing is stored. */
export async function translateTexts(wanted: TextsToTranslate): Promise<string[]> {
  return (await request<{ data: Schemas['TranslatedTexts'] }>('POST', PATH, { body: wanted })).data.texts;
}
