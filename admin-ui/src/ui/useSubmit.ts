import { type FormEvent, useRef, useState } from 'react';

/** What sending a form is at. */
export interface Submission {
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  pending: boolean;
  error: unknown;
  /** What is wrong with the field of that name, in the server's words. */
  problemOf: (name: string) => string | undefined;
  clear: () => void;
}

/**
 * Sends a form by hand: keeps what was typed when it fails, puts the server's problems beside their fields and the focus on the
 * first of them.
 */
export function useSubmit(
  send: (values: Record<string, string>, form: HTMLFormElement) => Promise<void>,
  /** What is wrong with what was typed, by the names of fields: nothing is sent then. */
  check?: (values: Record<string, string>) => Record<string, string | undefined>,
): Submission {
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const [found, setFound] = useState<Record<string, string | undefined>>({});
  const running = useRef(false);
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (running.current) return;
    const form = event.currentTarget;
    const values: Record<string, string> = {};
    for (const [name, value] of new FormData(form)) if (typeof value === 'string') values[name] = value;
    const problems = check?.(values) ?? {};
    const wrong = Object.keys(values).find((name) => problems[name] !== undefined);
    setFound(problems);
    if (wrong !== undefined) {
      setError(undefined);
      focusField(form, wrong);
      return;
    }
    running.current = true;
    setPending(true);
    setError(undefined);
    send(values, form)
      .catch((cause: unknown) => {
        setError(cause);
        const first = fieldProblems(cause)[0]?.name;
        if (first) focusField(form, first);
      })
      .finally(() => {
        running.current = false;
        setPending(false);
      });
  };
  return {
    onSubmit,
    pending,
    error,
    problemOf: (name) => found[name] ?? fieldProblems(error).find((problem) => problem.name === name)?.message,
    clear: () => setError(undefined),
  };
}

function focusField(form: HTMLFormElement, name: string): void {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLElement) field.focus();
}

/** The problems an error has with fields of a form, by the last part of their paths. */
function fieldProblems(error: unknown): { name: string; message: string }[] {
  if (!(error instanceof Error) || !('problems' in error) || !Array.isArray(error.problems)) return [];
  return error.problems.map((problem: { path: (string | number)[]; message: string }) => ({
    name: String(problem.path.at(-1) ?? ''),
    message: problem.message,
  }));
}
