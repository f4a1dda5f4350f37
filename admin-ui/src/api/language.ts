import type { QueryClient } from '@tanstack/react-query';
import i18next from 'i18next';

/** First parts of the keys of queries whose answers have texts that the server words for the reader. */
const WORDED_BY_SERVER = new Set([
  'content-types',
  'notifications',
  'personal-data',
  'plugin-view',
  'plugin-views',
  'plugins',
  'roles',
]);

/** Asks the server for texts in the language that is shown: the browser's own header would name those of its settings. */
export function languageHeaders(): Record<string, string> {
  const shown = i18next.resolvedLanguage;
  return shown ? { 'Accept-Language': shown } : {};
}

/** Reads again what the server worded in another language. A language that somebody chooses is saved first: the server prefers it to the header. */
export async function refreshServerTexts(queries: QueryClient): Promise<void> {
  await queries.invalidateQueries({ predicate: ({ queryKey }) => WORDED_BY_SERVER.has(String(queryKey[0])) });
}
