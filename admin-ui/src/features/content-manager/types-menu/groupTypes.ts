import { MAX_RECENT, MIN_TYPES } from './recentTypes';
import { type ContentType, pluralNameOf } from '@/api/model';

/** More types than this are filtered by word. */
export const MAX_UNFILTERED = 8;

/** The types that stand under one heading. */
export interface TypeGroup {
  id: 'pinned' | 'recent' | 'collections' | 'singles';
  types: readonly ContentType[];
}

/** Whether a name has all of the words. */
function hasWords(name: string, words: string): boolean {
  const text = name.toLocaleLowerCase();
  return words
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** The types that somebody opened last, besides those that are in sight anyway. Of few types none. */
export function recentOf(
  types: readonly ContentType[],
  recent: readonly string[],
  besides: readonly (string | undefined)[],
): TypeGroup[] {
  if (types.length < MIN_TYPES) return [];
  const shown = recent
    .filter((uid) => !besides.includes(uid))
    .flatMap((uid) => types.find((type) => type.uid === uid) ?? [])
    .slice(0, MAX_RECENT);
  return shown.length > 0 ? [{ id: 'recent', types: shown }] : [];
}

/** The types that somebody may read: those that they pinned on top, in the order of pinning, then the others by kind. Groups without types are left out. */
export function groupTypes(types: readonly ContentType[], pinned: readonly string[], words = ''): TypeGroup[] {
  const shown = types.filter((type) => type.can.find && hasWords(pluralNameOf(type), words));
  const others = shown.filter(({ uid }) => !pinned.includes(uid));
  const groups: TypeGroup[] = [
    { id: 'pinned', types: pinned.flatMap((uid) => shown.find((type) => type.uid === uid) ?? []) },
    { id: 'collections', types: others.filter(({ kind }) => kind === 'collectionType') },
    { id: 'singles', types: others.filter(({ kind }) => kind === 'singleType') },
  ];
  return groups.filter((group) => group.types.length > 0);
}
