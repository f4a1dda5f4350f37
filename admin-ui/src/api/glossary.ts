import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

/** A term of the site, with the word for it in each language. */
export type GlossaryTerm = Schemas['GlossaryTerm'];

/** A term as it is sent: translated, unless it says otherwise. */
type GlossaryTermInput = Schemas['GlossaryTermInput'];

/** The terms of the site, by key. */
export type GlossaryTerms = Schemas['GlossaryTerms'];

const PATH = '/admin/api/settings/glossary';

export const glossaryQuery = queryOptions({
  queryKey: ['settings', 'glossary'],
  queryFn: async ({ signal }) => (await request<{ data: GlossaryTerms }>('GET', PATH, { signal })).data,
});

/** Stores the terms that are named, each as a whole; null removes. Returns all terms. */
export async function saveTerms(changes: Record<string, GlossaryTermInput | null>): Promise<GlossaryTerms> {
  return (await request<{ data: GlossaryTerms }>('PUT', PATH, { body: changes })).data;
}

/** The word of a term in a language. What is not translated has the same word in all of them. */
export function wordIn({ words, translate }: GlossaryTerm, locale: string): string | undefined {
  return words[locale] ?? (translate ? undefined : Object.values(words)[0]);
}
