/** What differs from what is kept, at its place: what stays as it is is not sent, so that two people can change two things. */
export function changedSettings<Values extends object>(stored: Values, draft: Values): Partial<Values> {
  const changes: Partial<Values> = {};
  for (const key of Object.keys(draft) as (keyof Values)[]) {
    const [before, after] = [stored[key], draft[key]];
    if (isObject(before) && isObject(after)) {
      const inside = changedSettings(before, after);
      if (Object.keys(inside).length > 0) changes[key] = inside as Values[keyof Values];
    } else if (before !== after) changes[key] = after;
  }
  return changes;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** What somebody typed, or the default again where they typed nothing. */
export function emptyToNull(text: string): string | null {
  return text.trim() || null;
}
