import { isShared } from '@/fields/form/shared';
import { sameValue } from '@/fields/form/values';
import type { EntrySession } from '../session';

/** Lets a language take over what all languages share once it is saved in another one: the server writes that to both. Answers how to end it. */
export function keepInStep(open: EntrySession, beside: EntrySession): () => void {
  const shared = Object.entries(open.type.attributes).flatMap(([name, attribute]) =>
    isShared(attribute) ? [name] : [],
  );
  let seen = open.store.saved;
  return open.subscribe(() => {
    if (open.save.is !== 'saved' && open.save.is !== 'changed') return;
    const { saved } = open.store;
    if (saved === seen) return;
    const isChanged = shared.some((name) => !sameValue(saved[name], seen[name]));
    seen = saved;
    // What is being typed there is merged with its next save, which the server refuses for the version it was made from.
    if (isChanged && beside.version !== null && !beside.unsaved) void beside.reload().catch(() => undefined);
  });
}
