import i18next from 'i18next';
import { ApiError } from '@/api/ApiError';
import type { ContentType, Model } from '@/api/model';
import { serverProblemText } from '@/fields/form/serverProblem';
import type { EntryStore } from '@/fields/form/store';
import { splitPath, toKeys } from '@/fields/form/values';

/** What a refusal says of some fields, by path, and whether it says something else as well. */
export function fieldProblemsOf(
  error: unknown,
  { store, type, model, names }: { store: EntryStore; type: ContentType; model: Model; names: readonly string[] },
): { fields: Map<string, string>; rest: string[] } {
  const fields = new Map<string, string>();
  const rest: string[] = [];
  if (!(error instanceof ApiError)) return { fields, rest };
  const text = i18next.getFixedT(null, 'fields');
  for (const { path, message } of error.problems) {
    const key = toKeys(store.values, type.attributes, model, path);
    if (!names.includes(splitPath(key)[0] ?? '')) rest.push(message);
    else if (!fields.has(key)) fields.set(key, serverProblemText(text, message));
  }
  return { fields, rest };
}
