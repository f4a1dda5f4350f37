/** The field that the next comment is about. Between a field's menu and the panel, which may not be there yet. */
let target: string | null = null;
const listeners = new Set<() => void>();

export function setCommentTarget(path: string | null): void {
  target = path;
  for (const listener of listeners) listener();
}

export function getCommentTarget(): string | null {
  return target;
}

export function subscribeToCommentTarget(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
