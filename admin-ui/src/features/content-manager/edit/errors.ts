import i18next from 'i18next';
import { ApiError } from '@/api/client';
import type { ContentType, Model } from '@/api/model';
import type { EntryStore } from '@/fields/form/store';
import { toKeys } from '@/fields/form/values';
import { explainError } from '@/ui/explainError';

/** What is edited. */
export interface EditTarget {
  store: EntryStore;
  type: ContentType;
  model: Model;
}

/** What the server says is wrong, by the field it is about; what is about none of them. */
export function splitErrors(session: EditTarget, error: unknown): { fields: Map<string, string>; rest: string[] } {
  const fields = new Map<string, string>();
  const rest: string[] = [];
  if (!(error instanceof ApiError)) return { fields, rest: [error instanceof Error ? error.message : String(error)] };
  const { attributes } = session.type;
  for (const problem of error.problems) {
    const path = toKeys(session.store.values, attributes, session.model, problem.path);
    if (path === '') rest.push(problem.message);
    else if (!fields.has(path)) fields.set(path, withoutPath(problem.message));
  }
  const { key, path } = error.details;
  if (fields.size === 0 && typeof key === 'string') {
    const segments = typeof path === 'string' ? [...path.split('.'), key] : [key];
    const found = toKeys(session.store.values, attributes, session.model, segments);
    if (found !== '') fields.set(found, error.message);
  }
  if (fields.size === 0 && rest.length === 0) rest.push(error.status === 403 ? describeRefusal(error) : error.message);
  return { fields, rest };
}

/** A refusal with the right that is missing, and who can give it; the server's own sentence says neither. */
function describeRefusal(error: ApiError): string {
  const { title, hint } = explainError(error, i18next.getFixedT(null, 'common'));
  return `${title}. ${hint}`;
}

/** `sections[0].text must be …` → `must be …`: the field stands beside it. */
function withoutPath(message: string): string {
  const short = message.replace(/^[\w.[\]]+ (must|is|has)\b/, '$1');
  return short.charAt(0).toUpperCase() + short.slice(1);
}

/** Whether the server refused a change because the version it was made from is no longer the latest. */
export function isStale(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 409 && 'currentVersion' in error.details;
}
