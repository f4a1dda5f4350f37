import { open, type SiteKeys, seal } from './seal.ts';

/**
 * Seals Cairn's signed address of a photo for the page of a shared delivery. Visitors see neither where Cairn is nor an address that works without
 * this site, and asking for a photo does not count as another view.
 */
export function sealSharedPhoto(keys: SiteKeys, token: string, url: string): string {
  return seal(keys, purposeOf(token), url);
}

/** The address that {@link sealSharedPhoto} sealed for this token; `undefined` for anything else. */
export function openSharedPhoto(keys: SiteKeys, token: string, sealed: string): string | undefined {
  return open(keys, purposeOf(token), sealed)?.toString();
}

function purposeOf(token: string): string {
  return `shared photo ${token}`;
}
