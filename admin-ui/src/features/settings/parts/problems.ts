/** What is wrong with one part of what was sent: `stages.0.name`. */
export interface FieldProblem {
  path: string;
  message: string;
}

/**
 * The problems of a refusal by their paths. Most routes name them in the details; those of webhooks and mails say
 * `events[1]: …; types[0]: …` in their sentence.
 */
export function problemsOf(error: unknown): FieldProblem[] {
  if (!(error instanceof Error) || !('status' in error) || error.status !== 400) return [];
  if ('problems' in error && Array.isArray(error.problems) && error.problems.length > 0) {
    return error.problems.map((problem: { path: (string | number)[]; message: string }) => ({
      path: problem.path.join('.'),
      message: problem.message,
    }));
  }
  return error.message.split('; ').flatMap((part) => {
    const found = /^([A-Za-z][\w.-]*(?:\[\d+\][\w.]*)*): (.+)$/s.exec(part);
    return found?.[1] && found[2] ? [{ path: found[1].replace(/\[(\d+)\]/g, '.$1'), message: found[2] }] : [];
  });
}

/** What is wrong at a path or below it, in one text; nothing where all is well. */
export function problemAt(error: unknown, path: string): string | undefined {
  const found = problemsOf(error).filter((problem) => problem.path === path || problem.path.startsWith(`${path}.`));
  return found.length > 0 ? found.map((problem) => problem.message).join(' ') : undefined;
}
