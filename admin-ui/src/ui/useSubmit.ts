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
export function useSubmit(send: (values: Record<string, string>, form: HTMLFormElement) => Promise<void>): Submission {
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const running = useRef(false);
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (running.current) return;
    const form = event.currentTarget;
    const values: Record<string, string> = {};
    for (const [name, value] of new FormData(form)) if (typeof value === 'string') values[name] = value;
    running.current = true;
    setPending(true);
    setError(undefined);
    send(values, form)
      .catch((cause: unknown) => {
        setError(cause);
        const first = fieldProblems(cause)[0]?.name;
        const field = first ? form.elements.namedItem(first) : null;
        if (field instanceof HTMLElement) field.focus();
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
    problemOf: (name) => fieldProblems(error).find((problem) => problem.name === name)?.message,
    clear: () => setError(undefined),
  };
}

/** The problems an error has with fields of a form, by the last part of their paths. */
function fieldProblems(error: unknown): { name: string; message: string }[] {
  if (!(error instanceof Error) || !('problems' in error) || !Array.isArray(error.problems)) return [];
  return error.problems.map((problem: { path: (string | number)[]; message: string }) => ({
    name: String(problem.path.at(-1) ?? ''),
    message: problem.message,
  }));
}
