import { type FieldProblem, problemsOf } from '../parts/problems';

/** The problems of a refusal in one calendar, by paths in it. `at` is where the request has the calendar. */
export function calendarProblems(error: unknown, at: string): FieldProblem[] {
  return problemsOf(error).flatMap(({ path, message }) => {
    if (path === at) return [{ path: '', message }];
    return path.startsWith(`${at}.`) ? [{ path: path.slice(at.length + 1), message }] : [];
  });
}

function joinMessages(problems: readonly FieldProblem[]): string | undefined {
  return problems.length > 0 ? [...new Set(problems.map(({ message }) => message))].join(' ') : undefined;
}

/** The problem of a value itself, not of its parts. */
export function problemOf(problems: readonly FieldProblem[], path: string): string | undefined {
  return joinMessages(problems.filter((problem) => problem.path === path));
}

/** The problems of a value and its parts. */
export function problemsBelow(problems: readonly FieldProblem[], path: string): string | undefined {
  return joinMessages(problems.filter((problem) => problem.path === path || problem.path.startsWith(`${path}.`)));
}
