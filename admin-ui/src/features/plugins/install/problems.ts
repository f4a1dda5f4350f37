import { ApiError } from '@/api/client';

/** Something that is wrong with a package, and where in it: `plugin.toml:12`. */
export interface PackageProblem {
  location: string;
  message: string;
}

/** What is wrong with a package that was refused, by the places in it. Nothing where the refusal is about something else. */
export function packageProblems(error: unknown): PackageProblem[] {
  if (!(error instanceof ApiError) || error.status !== 400 || !Array.isArray(error.details.errors)) return [];
  return error.details.errors.flatMap((problem: unknown): PackageProblem[] => {
    if (typeof problem !== 'object' || problem === null) return [];
    const { path, message } = problem as { path?: unknown; message?: unknown };
    if (typeof message !== 'string') return [];
    return [{ location: Array.isArray(path) ? path.join('.') : typeof path === 'string' ? path : '', message }];
  });
}
