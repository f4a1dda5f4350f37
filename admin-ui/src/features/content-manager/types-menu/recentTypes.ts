import { useEffect, useState } from 'react';

/** As many as are remembered: more than are shown, as pinned ones and the one that is open are left out. */
const MAX_REMEMBERED = 12;

/** Types from which on the last ones are listed apart: fewer are all in sight. */
export const MIN_TYPES = 6;

/** Types that are listed apart. */
export const MAX_RECENT = 3;

const keyOf = (userId: number | string): string => `cairn.recentTypes.${userId}`;

function readRecent(userId: number | string): readonly string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(keyOf(userId)) ?? '[]');
    return Array.isArray(stored) ? stored.filter((uid): uid is string => typeof uid === 'string') : [];
  } catch {
    return [];
  }
}

/** The types that somebody opened last on this device, the newest first; `current` is the one that they have open now. */
export function useRecentTypes(userId: number | string, current: string | undefined): readonly string[] {
  const [recent, setRecent] = useState(() => readRecent(userId));
  if (current !== undefined && recent[0] !== current) setRecent(withFirst(recent, current));
  useEffect(() => {
    if (current === undefined) return;
    // Another tab may have opened others.
    localStorage.setItem(keyOf(userId), JSON.stringify(withFirst(readRecent(userId), current)));
  }, [userId, current]);
  return recent;
}

function withFirst(recent: readonly string[], first: string): readonly string[] {
  return [first, ...recent.filter((uid) => uid !== first)].slice(0, MAX_REMEMBERED);
}
