import i18next from 'i18next';
import { ApiError } from '@/api/client';
import type { DraftProblem } from '@/api/content';
import type { ContentType, Model } from '@/api/model';
import { readServerProblem, serverProblemText } from '@/fields/form/serverProblem';
import type { EntryStore } from '@/fields/form/store';
import { toKeys } from '@/fields/form/values';
import { labelOf } from '@/fields/label';
import { describeError } from '@/ui/explainError';
import { obstaclesOfRefusal, obstacleText } from '@/views/review/obstacles';

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
  const tf = i18next.getFixedT(null, 'fields');
  for (const problem of error.problems) {
    const path = toKeys(session.store.values, attributes, session.model, problem.path);
    if (path === '') rest.push(problem.message);
    else if (!fields.has(path)) fields.set(path, serverProblemText(tf, problem.message));
  }
  const tv = i18next.getFixedT(null, 'views');
  rest.push(
    ...obstaclesOfRefusal(error.details).map((obstacle) => obstacleText(tv, obstacle, (role) => labelOf(role))),
  );
  const { key, path } = error.details;
  if (fields.size === 0 && typeof key === 'string') {
    const segments = typeof path === 'string' ? [...path.split('.'), key] : [key];
    const found = toKeys(session.store.values, attributes, session.model, segments);
    if (found !== '') fields.set(found, error.message);
  }
  // In the reader's language, with the way out: the right that is missing and who can give it, or the plugin that is off.
  const inOwnWords = error.status === 403 || error.details.code === 'plugin_not_running';
  if (fields.size === 0 && rest.length === 0)
    rest.push(inOwnWords ? describeError(error, i18next.getFixedT(null, 'common')) : error.message);
  return { fields, rest };
}

/** Too little is a thing of publishing: a draft is what is not finished. */
const UNFINISHED: ReadonlySet<string | undefined> = new Set(['required', 'minLength', 'minItems']);

/** What is wrong with the values of a draft, by field; not what it merely lacks. */
export function draftProblems(session: EditTarget, problems: readonly DraftProblem[]): Map<string, string> {
  const { store, type, model } = session;
  const tf = i18next.getFixedT(null, 'fields');
  return new Map(
    problems
      .filter(({ message }) => !UNFINISHED.has(readServerProblem(message)?.key))
      .map(({ path, message }) => [toKeys(store.values, type.attributes, model, path), serverProblemText(tf, message)]),
  );
}

/** The attributes that a refusal is about; none where it is about something else as well. */
export function refusedAttributes(error: unknown): string[] {
  if (!(error instanceof ApiError) || error.status !== 400) return [];
  const names = error.problems.map(({ path }) => String(path[0] ?? ''));
  return names.includes('') ? [] : names;
}

/** Whether the server refused a change because the version it was made from is no longer the latest. */
export function isStale(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 409 && 'currentVersion' in error.details;
}
