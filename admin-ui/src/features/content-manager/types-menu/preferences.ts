import { usePreference } from '@/api/preferences';

/** Preferences share 64 KiB on the server: more pins than anybody looks through would push out the others. */
const MAX_PINS = 50;

function readPins(stored: unknown): readonly string[] {
  if (!Array.isArray(stored)) return [];
  return [...new Set(stored.filter((uid): uid is string => typeof uid === 'string'))].slice(0, MAX_PINS);
}

/** The types that somebody has pinned in the menu, first pinned first, and the way to pin or unpin one. */
export function usePins(): [readonly string[], (uid: string) => void] {
  const [pins, setPins] = usePreference('content.pinnedTypes', readPins);
  return [
    pins,
    (uid) => setPins(pins.includes(uid) ? pins.filter((pin) => pin !== uid) : [...pins, uid].slice(-MAX_PINS)),
  ];
}

/** Whether the types are unfolded in the menu: they are, until somebody folds them. */
export function useUnfolded(): [boolean, (unfolded: boolean) => void] {
  return usePreference('content.typesUnfolded', (stored) => stored !== false);
}
