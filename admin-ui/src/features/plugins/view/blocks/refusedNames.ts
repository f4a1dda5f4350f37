import { isSchema, type Schema } from '../../schema/schema';
import { actionProblems } from './Actions';

/** The properties of a schema in which a refusal found something wrong. */
export function refusedNames(schema: Schema | undefined, error: unknown): string[] {
  if (!isSchema(schema)) return [];
  const names = actionProblems(error).map(({ path }) => path.split('.')[0] ?? '');
  return [...new Set(names)].filter((name) => Object.hasOwn(schema.properties ?? {}, name));
}
