import { createContext, useContext } from 'react';

/** The time zone in which a part of the screen writes moments; without one, that of whoever reads. */
export const ZoneContext = createContext<string | undefined>(undefined);

/** The time zone in which moments are written here. */
export function useZone(): string | undefined {
  return useContext(ZoneContext);
}

/** The zone, if the browser knows it. */
export function knownZone(zone: string | undefined): string | undefined {
  if (zone === undefined) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
